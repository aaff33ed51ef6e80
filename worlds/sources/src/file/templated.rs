//! A question as a template puts it.

use nouns::Turn;
use serde_json::{Map, Value};

use crate::options::Options;

/// What a template makes of a record's columns.
pub(super) fn templated(
    record: &Map<String, Value>,
    prompt: &[Turn],
    options: &Options,
) -> Result<Option<String>, String> {
    let Some(template) = &options.prompting.template else { return Ok(None) };
    let asked = prompt.last().map_or_else(String::new, |turn| turn.content.as_text().into_owned());
    let mut values = record.clone();
    values.insert("asked".to_owned(), asked.into());
    template.render(&Value::Object(values)).map(Some).map_err(|fault| fault.to_string())
}
