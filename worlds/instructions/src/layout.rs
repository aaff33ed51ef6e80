//! What a text looks like: titles, lists, paragraphs, marks.

use serde::de::IgnoredAny;

use crate::pattern::compiled;

/// Something between double angular brackets on one line.
pub(crate) fn title(text: &str) -> bool {
    let said = |found: &str| !found.trim_start_matches('<').trim_end_matches('>').trim().is_empty();
    compiled(r"<<[^\n]+>>").find_iter(text).any(|found| said(found.as_str()))
}

/// JSON, perhaps in a fence.
pub(crate) fn is_json(text: &str) -> bool {
    let mut text = text.trim();
    for fence in ["```json", "```Json", "```JSON", "```"] {
        text = text.strip_prefix(fence).unwrap_or(text);
    }
    let text = text.strip_suffix("```").unwrap_or(text).trim();
    // Python's reader takes these too
    let number = |text: &str| matches!(text, "NaN" | "Infinity" | "-Infinity");
    number(text) || serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Two different texts with six asterisks between them.
pub(crate) fn two_responses(text: &str) -> bool {
    let parts: Vec<&str> = text.split("******").map(str::trim).collect();
    let inner = parts.len().saturating_sub(1);
    if parts.iter().enumerate().any(|(place, part)| part.is_empty() && place != 0 && place != inner) {
        return false;
    }
    let said: Vec<&&str> = parts.iter().filter(|part| !part.is_empty()).collect();
    said.len() == 2 && said[0] != said[1]
}

/// Texts between single asterisks and between double ones, each counted.
pub(crate) fn highlights(text: &str) -> u64 {
    let count = |pattern: &str| {
        let said = |found: &str| !found.trim_matches('*').trim().is_empty();
        compiled(pattern).find_iter(text).filter(|found| said(found.as_str())).count() as u64
    };
    count(r"\*[^\n*]*\*") + count(r"\*\*[^\n*]*\*\*")
}

/// Texts in square brackets.
pub(crate) fn placeholders(text: &str) -> u64 {
    compiled(r"\[.*?\]").find_iter(text).count() as u64
}

/// Lines that begin with one asterisk or with a hyphen.
pub(crate) fn bullets(text: &str) -> u64 {
    let count = |pattern: &str| compiled(pattern).find_iter(text).count() as u64;
    count(r"(?m)^\s*\*[^*].*$") + count(r"(?m)^\s*-.*$")
}

/// Texts between three asterisks; none if one inside is empty.
pub(crate) fn paragraphs(text: &str) -> Option<u64> {
    let parts: Vec<&str> = compiled(r"\s?\*\*\*\s?").split(text).collect();
    let empty: Vec<usize> = (0..parts.len()).filter(|&place| parts[place].trim().is_empty()).collect();
    let outer = |place: &usize| *place == 0 || *place == parts.len() - 1;
    empty.iter().all(outer).then(|| (parts.len() - empty.len()) as u64)
}

/// This many paragraphs with empty lines between them, of which one (from 1) begins with a word.
pub(crate) fn begins(text: &str, wanted: u64, which: usize, first: &str) -> bool {
    let parts: Vec<&str> = text.split("\n\n").collect();
    let said = parts.iter().filter(|part| !part.trim().is_empty()).count();
    if which == 0 || which > said {
        return false;
    }
    let Some(word) = parts.get(which - 1).and_then(|part| part.split_whitespace().next()) else { return false };
    let word = word.trim_start_matches('\'').trim_start_matches('"');
    let bare: String = word.chars().take_while(|letter| !['.', ',', '?', '!', '\'', '"'].contains(letter)).collect();
    said as u64 == wanted && bare.to_lowercase() == first
}
