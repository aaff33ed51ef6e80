//! Marks that are made on purpose: fields, boxes, GSM8K's hashes.

use super::{Mark, Marked, announced, sentence};
use crate::lexicon;

/// The content of the last `<answer>…</answer>`, or the field `answer` of a JSON object.
pub(super) fn field(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    for (tag, close) in
        [("<answer>", "</"), ("<final_answer>", "</"), ("<final answer>", "</"), ("<final>", "</"), ("[answer]", "[/")]
    {
        if let Some(at) = lower.rfind(tag) {
            let inside = &text[at + tag.len()..];
            let inside = inside.split(close).next().unwrap_or(inside);
            return Some(inside.trim().to_owned());
        }
    }
    let names = ["answer", "final_answer", "final answer", "answer_choice", "choice", "result", "Answer"];
    // Python writes its dictionaries in single quotes
    let quotes = if text.contains("{'") { ['"', '\''] } else { ['"', '"'] };
    let found = names.iter().find_map(|name| {
        let (before, after) = quotes.iter().find_map(|quote| text.rsplit_once(&format!("{quote}{name}{quote}")))?;
        before.contains('{').then(|| after.trim_start().strip_prefix(':')).flatten()
    })?;
    let value = found.trim_start();
    let Some((quote, quoted)) = quotes.iter().find_map(|quote| Some((*quote, value.strip_prefix(*quote)?))) else {
        let end = match value.starts_with('[') {
            true => value.find(']').map(|at| at + 1),
            false => value.find([',', '}', '\n']),
        };
        let end = end.unwrap_or(value.len());
        return Some(value[..end].trim().to_owned());
    };
    let mut escaped = false;
    let end = quoted.find(|letter| {
        let closes = letter == quote && !escaped;
        escaped = letter == '\\' && !escaped;
        closes
    });
    Some(quoted[..end.unwrap_or(quoted.len())].replace("\\\\", "\\").trim().to_owned())
}

/// The last `\boxed{…}`, `\fbox{…}` or `\boxed 5` and its place; one that is never closed goes to
/// the end.
pub(super) fn boxed(text: &str) -> Option<(usize, Marked)> {
    let boxes = boxes(text);
    let (start, end, content) = boxes.last()?.clone();
    if lexicon::words(&text[..start]).last().is_some_and(lexicon::negates) {
        return Some((start, Marked::new(Mark::Boxed, "")));
    }
    let mut found = Marked::new(Mark::Boxed, &content);
    let mut first = boxes.len() - 1;
    while first > 0 && joins(&text[boxes[first - 1].1..boxes[first].0]) {
        first -= 1;
    }
    if first + 1 < boxes.len() {
        let contents: Vec<&str> = boxes[first..].iter().map(|(_, _, content)| content.as_str()).collect();
        found.together = Some(contents.join(", "));
    }
    Some((end, found))
}

/// Start, end and content of every box that has no box inside it.
fn boxes(text: &str) -> Vec<(usize, usize, String)> {
    let commands = ["\\boxed", "\\fbox", "\\framebox"];
    let mut starts: Vec<(usize, usize)> =
        commands.iter().flat_map(|name| text.match_indices(name).map(|(at, _)| (at, name.len()))).collect();
    starts.sort_unstable();
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    for (at, length) in starts {
        let rest = &text[at + length..];
        let rest = rest.trim_start();
        let from = text.len() - rest.len();
        let (content, end) = match rest.strip_prefix('{') {
            Some(inside) => {
                let close = closing(inside).unwrap_or(inside.len());
                (&inside[..close], (from + 1 + close + 1).min(text.len()))
            }
            None => {
                let end = rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '$' | '.' | ',' | '\\'));
                let end = end.unwrap_or(rest.len());
                (&rest[..end], from + end)
            }
        };
        // a box around this one gives way to it
        found.retain(|(_, other, _)| *other <= at);
        found.push((at, end, content.trim().to_owned()));
    }
    found
}

/// Where the brace closes that is open at the beginning.
fn closing(inside: &str) -> Option<usize> {
    let (mut open, mut escaped) = (1, false);
    inside.find(|letter| {
        if !escaped {
            open += i32::from(letter == '{') - i32::from(letter == '}');
        }
        escaped = letter == '\\' && !escaped;
        open == 0
    })
}

/// Whether what stands between two boxes joins them.
fn joins(between: &str) -> bool {
    let words: Vec<&str> = lexicon::words(between).collect();
    between.len() < 24
        && words.iter().all(|word| matches!(*word, "and" | "or" | "quad" | "text"))
        && between.chars().any(|letter| matches!(letter, ',' | ';') || letter.is_alphabetic())
}

/// What stands after the last `####` that is no heading, and its place.
pub(super) fn hashes(text: &str) -> Option<(usize, Marked)> {
    let places = text.match_indices("####").map(|(at, _)| at).filter(|at| !text[..*at].ends_with('#'));
    let mut places: Vec<usize> = places.filter(|at| !text[at + 4..].starts_with('#')).collect();
    while let Some(at) = places.pop() {
        let behind = text[at + 4..].trim_start();
        let line = behind.lines().next().unwrap_or("").trim();
        if let Some(announced) = announced::announced(behind.split("\n\n").next().unwrap_or(behind)) {
            return Some((at, Marked { mark: Mark::Hashes, ..announced }));
        }
        let is_last = behind.lines().skip(1).all(|line| line.trim().is_empty());
        if is_value(line, is_last) {
            return Some((at, Marked::new(Mark::Hashes, line)));
        }
    }
    None
}

/// Whether a line after `####` is an answer rather than a heading.
fn is_value(line: &str, is_last: bool) -> bool {
    let line = line.trim_start_matches(['*', '$', ' ']);
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let after = &line[digits..];
    let numbered = digits > 0 && after.starts_with(['.', ')', ':']) && after[1..].starts_with(' ');
    if numbered && after.contains(|letter: char| letter.is_alphabetic()) {
        return false;
    }
    let begins = line.starts_with(|letter: char| letter.is_ascii_digit() || "-−–+.(\\{[$€£¥√".contains(letter));
    let equation = line.contains('=') && sentence(line).split_whitespace().next().is_some_and(|word| word.len() <= 4);
    begins || equation || is_last && !line.ends_with(':')
}
