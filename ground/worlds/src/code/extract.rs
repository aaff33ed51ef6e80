//! The program in an answer.

/// The program that an answer gives: its last block of code, or the last that defines `entry`; all of it if it has no
/// block. `None` if there is nothing.
pub fn program(answer: &str, entry: Option<&str>) -> Option<String> {
    let blocks = blocks(answer);
    let defines = |block: &&String| entry.is_some_and(|name| defines(block, name));
    // What begins with an indented line goes on where a prompt left off, and a line that closes a block is no opening.
    let goes_on = entry.is_some()
        && answer.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with([' ', '\t']));
    let chosen = blocks.iter().rev().find(defines).or(blocks.last().filter(|_| !goes_on));
    let program = chosen.map_or_else(|| without_stray_fence(answer), String::clone);
    (!program.trim().is_empty()).then_some(program)
}

/// Whether a text defines a function, or a class that may hold it.
pub(super) fn defines(code: &str, name: &str) -> bool {
    let words =
        |line: &str| line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name);
    code.lines().any(|line| line.starts_with("def ") && words(line.split('(').next().unwrap_or(line)))
        || code.lines().any(|line| line.starts_with("class Solution"))
        || code.lines().any(|line| line.split_once('=').is_some_and(|(left, _)| left.trim() == name))
}

/// The blocks between lines of three backticks, in order. One that is not closed ends with the text.
fn blocks(text: &str) -> Vec<String> {
    let (mut blocks, mut open): (Vec<String>, Option<String>) = (Vec::new(), None);
    for line in text.lines() {
        match (line.trim_start().starts_with("```"), &mut open) {
            (true, Some(_)) => blocks.extend(open.take()),
            (true, None) => open = Some(String::new()),
            (false, Some(block)) => {
                block.push_str(line);
                block.push('\n');
            }
            (false, None) => {}
        }
    }
    blocks.extend(open);
    blocks.retain(|block| !block.trim().is_empty());
    blocks
}

/// An answer that continues a block which its prompt has opened ends at the line that closes it.
fn without_stray_fence(answer: &str) -> String {
    answer.lines().take_while(|line| !line.starts_with("```")).flat_map(|line| [line, "\n"]).collect()
}
