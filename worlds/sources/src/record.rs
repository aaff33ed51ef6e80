//! Lines of data files: a JSON object with named columns, or plain text.

use serde_json::{Map, Value};

/// The columns that hold a problem, the first present wins; compared without regard to case.
pub(crate) const PROBLEM_COLUMNS: [&str; 8] =
    ["task", "puzzle", "puzzles", "numbers", "question", "prompt", "problem", "input"];

/// The problem on a line: the text of a record's problem column, or the line itself if it is not a
/// record.
pub(crate) fn problem(line: &str) -> Result<String, String> {
    match object(line)? {
        None => Ok(line.trim().to_owned()),
        Some(record) => column(&record, &PROBLEM_COLUMNS)?.ok_or_else(|| missing(&record, &PROBLEM_COLUMNS)),
    }
}

/// The text of the first of these columns that a line's record has; `None` if it has none or is not
/// a record.
pub(crate) fn field(line: &str, names: &[&str]) -> Result<Option<String>, String> {
    match object(line)? {
        None => Ok(None),
        Some(record) => column(&record, names),
    }
}

/// The record on a line, if the line looks like one.
fn object(line: &str) -> Result<Option<Map<String, Value>>, String> {
    if !line.trim_start().starts_with('{') {
        return Ok(None);
    }
    serde_json::from_str(line).map(Some).map_err(|error| format!("not a JSON record: {error}"))
}

/// The text of the first of these columns that a record has. `null` counts as absent.
pub(crate) fn column(record: &Map<String, Value>, names: &[&str]) -> Result<Option<String>, String> {
    let find = |name: &&str| record.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null());
    names.iter().find_map(find).map(|(key, value)| text(key, value)).transpose()
}

/// Why a record without any of these columns is of no use, or with one that says nothing.
pub(crate) fn missing(record: &Map<String, Value>, names: &[&str]) -> String {
    let present = names.iter().find_map(|name| record.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
    if let Some((key, value)) = present {
        return format!("column `{key}` is {}", if value.is_null() { "null" } else { "blank" });
    }
    let found: Vec<&str> = record.keys().map(String::as_str).collect();
    format!(
        "no column {}; it has {}",
        names.join(", "),
        if found.is_empty() { "none".into() } else { found.join(", ") }
    )
}

/// A value as text: strings as they are, numbers as written, lists of these joined by spaces.
fn text(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(items) => {
            let items: Result<Vec<String>, String> = items.iter().map(|item| text_of_item(key, item)).collect();
            Ok(items?.join(" "))
        }
        _ => Err(missing_text(key, value)),
    }
}

/// Why a value is of no use as a text.
pub(crate) fn missing_text(key: &str, value: &Value) -> String {
    format!("column `{key}` is neither text nor numbers: {value}")
}

fn text_of_item(key: &str, item: &Value) -> Result<String, String> {
    match item {
        Value::Array(_) => Err(format!("column `{key}` holds lists of lists")),
        item => text(key, item),
    }
}
