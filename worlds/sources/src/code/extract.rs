//! The program in an answer.

use super::fences::{Block, before_fences, blocks};

/// What is asked of a program, by which the right block of an answer is known.
pub(super) enum Wanted<'a> {
    /// It defines these. If it `may_go_on`, it may also be the rest of a function that its prompt
    /// begins.
    Names { names: Vec<&'a str>, may_go_on: bool },
    /// It reads and prints.
    Output,
}

/// The program that an answer gives: of its blocks of code the last that defines most of what is
/// tested, or that reads or prints; all of the answer, without the sentences around it, if it has
/// no block. Thinking that comes before the answer is no part of it. `None` if there is nothing.
pub(super) fn program(answer: &str, wanted: &Wanted) -> Option<String> {
    let answer = without_thinking(answer.trim_start_matches('\u{feff}'))?;
    let (blocks, bare) = (blocks(answer), before_fences(answer));
    let chosen = match wanted {
        Wanted::Names { names, may_go_on } => {
            let count = |code: &str| names.iter().filter(|name| defines(code, name)).count();
            let most = blocks.iter().map(|block| count(&block.code)).max().unwrap_or(0);
            let begins = bare.lines().find(|line| !line.trim().is_empty());
            let goes_on = *may_go_on && begins.is_some_and(|line| line.starts_with([' ', '\t']));
            if most > 0 {
                blocks.iter().rfind(|block| count(&block.code) == most)
            } else if goes_on || count(&bare) > 0 {
                None
            } else {
                blocks.iter().rfind(|block| block.may_be_python()).or(blocks.last())
            }
        }
        Wanted::Output => printing(&blocks),
    };
    let program = chosen.map_or_else(|| without_prose(&bare), |block| block.code.clone());
    (!program.trim().is_empty()).then_some(program)
}

/// Of blocks the last that reads; else the last that prints; else the last in Python; else the
/// last.
fn printing(blocks: &[Block]) -> Option<&Block> {
    let has = |words: &'static [&str]| {
        move |block: &&Block| block.may_be_python() && words.iter().any(|word| block.code.contains(word))
    };
    let last = |wanted: &dyn Fn(&&Block) -> bool| blocks.iter().rev().find(wanted);
    last(&has(&["input(", "stdin", "open(0", "read(0", "fileinput"]))
        .or_else(|| last(&has(&["print(", "stdout", "write(1"])))
        .or_else(|| last(&|block| block.is_python()))
        .or_else(|| last(&|block| block.may_be_python()))
        .or(blocks.last())
}

/// What follows the thinking; nothing if the thinking does not end.
fn without_thinking(answer: &str) -> Option<&str> {
    const END: &str = "</think>";
    let opened = answer.trim_start().starts_with("<think>");
    match answer.find(END) {
        Some(place) if opened || !answer[..place].contains("<think>") && closes_a_line(answer, place) => {
            Some(&answer[place + END.len()..])
        }
        None if opened => None,
        _ => Some(answer),
    }
}

/// Whether a mark stands at the end of its line: in the midst of a program it is a text.
fn closes_a_line(answer: &str, place: usize) -> bool {
    answer[place..].lines().next().is_some_and(|line| line.trim_end() == "</think>")
}

/// Whether a text defines a name at its outermost level, or a class that may hold a method of this
/// name.
pub(super) fn defines(code: &str, name: &str) -> bool {
    let word = |line: &str, keyword: &str| {
        let rest = line.strip_prefix(keyword)?.trim_start();
        rest.strip_prefix(name)?.chars().next().map_or(Some(()), |next| (!letter(next)).then_some(()))
    };
    code.lines().any(|line| {
        ["def ", "async def ", "class "].iter().any(|keyword| word(line, keyword).is_some())
            || line.starts_with("class Solution")
            || line.split_once('=').is_some_and(|(left, right)| {
                !right.starts_with('=') && left.split(':').next().is_some_and(|left| left.trim_end() == name)
            })
            || line.starts_with("from ") && line.split_once(" import ").is_some_and(|(_, list)| imports(list, name))
    })
}

/// Whether the list of an import gives a name.
fn imports(list: &str, name: &str) -> bool {
    list.split(',')
        .any(|item| item.split_whitespace().next_back().is_some_and(|last| last.trim_matches(['(', ')']) == name))
}

fn letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// A program without the sentences before and after it, if it is plain that they are sentences.
fn without_prose(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let starts = |line: &&str| {
        ["def ", "class ", "import ", "from ", "@", "async def "].iter().any(|word| line.starts_with(word))
    };
    let start = lines.iter().position(starts).unwrap_or(0);
    let start = if lines[..start].iter().all(|line| line.trim().is_empty() || sentence(line)) { start } else { 0 };
    let mut end = lines.len();
    while end > start && (lines[end - 1].trim().is_empty() || sentence(lines[end - 1])) {
        end -= 1;
    }
    lines[start..end].iter().flat_map(|line| [*line, "\n"]).collect()
}

/// Whether a line is a sentence and no Python: it begins with a capital, has words one after the
/// other, and ends as sentences do.
fn sentence(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let plain = |word: &str| word.chars().all(|letter| letter.is_alphabetic() || "'’,".contains(letter));
    line.starts_with(char::is_uppercase)
        && line.trim_end().ends_with(['.', ':', '!', '?'])
        && words.windows(2).any(|pair| plain(pair[0]) && plain(pair[1]))
}
