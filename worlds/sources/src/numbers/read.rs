//! Reads a puzzle as a person types it or as it stands on a line of a file.

use std::ops::RangeInclusive;

use super::derivation::number;
use super::puzzle::Puzzle;
use super::rules::{Rules, Target};
use crate::record;

/// The puzzle on a line: numbers separated by spaces or commas, then `to` and the target where the
/// game has several; or a JSON record. The reason, if it is none.
pub(crate) fn puzzle(rules: &Rules, line: &str) -> Result<Puzzle, String> {
    let text = text(line)?.replace(',', " ");
    let text = text.trim_end().trim_end_matches(':');
    let (numbers, target) = match text.split_once(" to ") {
        Some((numbers, target)) => (numbers, Some(target.trim())),
        None => (text, None),
    };
    Ok(Puzzle { numbers: read_numbers(rules, numbers)?, target: read_target(rules, target)? })
}

/// The puzzle's text; a record's own target is added to it.
fn text(line: &str) -> Result<String, String> {
    let text = record::problem(line)?;
    match record::field(line, &["target"])? {
        Some(target) if !text.contains(" to ") => Ok(format!("{text} to {target}")),
        _ => Ok(text),
    }
}

fn read_numbers(rules: &Rules, text: &str) -> Result<Vec<i64>, String> {
    let numbers = text.split_whitespace().map(|word| within(word, &rules.numbers));
    let numbers = numbers.collect::<Result<Vec<i64>, String>>()?;
    if rules.count.contains(&numbers.len()) {
        return Ok(numbers);
    }
    Err(format!("a puzzle of {} has {} numbers, not {}", rules.name, span(&rules.count), numbers.len()))
}

fn read_target(rules: &Rules, text: Option<&str>) -> Result<i64, String> {
    match (&rules.target, text) {
        (Target::Fixed(target), None) => Ok(*target),
        (Target::Fixed(target), Some(text)) if number(text) == Some(*target) => Ok(*target),
        (Target::Fixed(target), Some(text)) => Err(format!("{} is played to {target}, not to `{text}`", rules.name)),
        (Target::Stated(_), None) => Err("the target is missing".to_owned()),
        (Target::Stated(targets), Some(text)) => within(text, targets),
    }
}

/// A number of the game.
fn within(word: &str, allowed: &RangeInclusive<i64>) -> Result<i64, String> {
    match number(word) {
        Some(value) if allowed.contains(&value) => Ok(value),
        _ => Err(format!("`{word}` is not a whole number from {} to {}", allowed.start(), allowed.end())),
    }
}

/// `4`, or `3 to 4`.
fn span(range: &RangeInclusive<usize>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{} to {}", range.start(), range.end())
    }
}
