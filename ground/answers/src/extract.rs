//! Where a text says what its answer is.

/// What a text marks as its final answer: after the last `####` (GSM8K), in the last `\boxed` or `\fbox`, or after the
/// last "answer is", "answer:" and the like, to the end of the line. `None` if nothing is marked.
pub fn final_answer(text: &str) -> Option<&str> {
    if let Some((_, answer)) = text.rsplit_once("####") {
        return Some(answer.trim().lines().next().unwrap_or("").trim());
    }
    boxed(text).or_else(|| announced(text))
}

/// The content of the last `\boxed{…}`, `\fbox{…}` or `\boxed 5`; one that is never closed goes to the end.
fn boxed(text: &str) -> Option<&str> {
    let (at, command) =
        ["\\boxed", "\\fbox"].iter().filter_map(|command| Some((text.rfind(command)?, command))).max()?;
    let rest = text[at + command.len()..].trim_start();
    let Some(inside) = rest.strip_prefix('{') else {
        let end = rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '$' | '.' | ',' | '\\'));
        return Some(&rest[..end.unwrap_or(rest.len())]);
    };
    let mut open = 1;
    let mut escaped = false;
    let end = inside.find(|letter| {
        if !escaped {
            open += i32::from(letter == '{') - i32::from(letter == '}');
        }
        escaped = letter == '\\' && !escaped;
        open == 0
    });
    Some(inside[..end.unwrap_or(inside.len())].trim())
}

/// Words that announce an answer; the longest that fit the same place come first.
const ANNOUNCEMENTS: [&str; 10] = [
    "final answer is:",
    "final answer is",
    "final answer:",
    "final answer",
    "answer is:",
    "answer is",
    "answer:",
    "answer =",
    "answers are",
    "answers:",
];

fn announced(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase(); // ASCII only: positions stay those of the text
    let ends = ANNOUNCEMENTS.iter().filter_map(|words| Some(lower.rfind(words)? + words.len()));
    let rest = text[ends.max()?..].trim_start_matches([':', '*', ' ', '\t', '_']);
    let line = rest.trim_start().lines().find(|line| !line.trim().is_empty())?;
    Some(sentence(line.trim().trim_end_matches(['*', '_'])))
}

/// A line up to the end of its first sentence: a full stop before a blank and a capital.
fn sentence(line: &str) -> &str {
    let ends =
        line.match_indices(". ").find(|(at, _)| line[at + 2..].starts_with(|letter: char| letter.is_uppercase()));
    let line = ends.map_or(line, |(at, _)| if at == 1 { line } else { &line[..at] });
    line.strip_suffix('.').unwrap_or(line)
}

/// The letter of a multiple choice that a text settles on: `(B)`, `B.`, `B) twelve`, `**B**`, "Answer: C".
///
/// What is marked as the final answer is looked at first, then the whole text: it must begin with the letter, or have
/// exactly one letter in round brackets.
pub fn choice(text: &str) -> Option<char> {
    match final_answer(text) {
        Some(marked) => leading(marked).or_else(|| bracketed(marked)),
        None => leading(text).or_else(|| bracketed(text)),
    }
}

/// The letter that a text begins with, if it is alone or set off from what follows.
fn leading(text: &str) -> Option<char> {
    let bare = |letter: &char| !matches!(letter, '*' | '$' | '"' | '`' | ' ' | '\n' | '\t');
    let mut text: String = text.chars().filter(bare).take(24).collect();
    for wrapper in ["\\text", "\\textbf", "\\mathrm", "\\mathbf", "option", "Option", "choice", "Choice"] {
        text = text.strip_prefix(wrapper).unwrap_or(&text).to_owned();
    }
    let mut letters = text.trim_start_matches(['{', '(', '[']).chars();
    let letter = letters.next()?;
    let opened = text.starts_with(['(', '[', '{']);
    let after = letters.next();
    let set_off = match after {
        None => true,
        Some(after) => matches!(after, ')' | ']' | '}') || !opened && matches!(after, '.' | ':' | ','),
    };
    (letter.is_ascii_alphabetic() && set_off).then(|| letter.to_ascii_uppercase())
}

/// The only letter that stands in round brackets.
fn bracketed(text: &str) -> Option<char> {
    let letters: Vec<char> = text.chars().collect();
    let mut found =
        letters.windows(3).filter(|three| three[0] == '(' && three[1].is_ascii_uppercase() && three[2] == ')');
    let letter = found.next()?[1];
    found.all(|other| other[1] == letter).then_some(letter)
}
