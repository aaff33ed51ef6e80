//! The reference answers of a record, in the shapes that public data sets have.

use std::collections::HashSet;

use nouns::Role;
use serde_json::{Map, Value};

use super::columns::{find, messages, role};
use crate::record::missing_text;

/// The columns that hold a reference, the first present wins.
pub(super) const ANSWERS: [&str; 16] = [
    "answer",
    "answerkey",
    "solution",
    "completion",
    "response",
    "target",
    "output",
    "chosen",
    "answers",
    "ground_truth",
    "reward_model",
    "answer_idx",
    "answer_index",
    "cop",
    "category",
    "label",
];

/// The keys of an answer that is an object: verl's, TriviaQA's and SQuAD's. All that they hold are
/// answers.
const WITHIN: [&str; 5] = ["ground_truth", "value", "aliases", "text", "answer"];

/// The answers that count as right, any of them; none where there is no reference. The columns are
/// tried in order.
pub(super) fn answers(record: &Map<String, Value>, names: &[&str]) -> Result<Vec<String>, String> {
    for name in names {
        let Some(value) = find(record, name).filter(|value| !value.is_null()) else { continue };
        if let Some(turns) = messages(value) {
            let last = turns.last().filter(|turn| role(turn) == Some(Role::Assistant));
            let said = last.or(turns.last()).and_then(|turn| turn.get("content")?.as_str());
            return Ok(said.map(str::to_owned).into_iter().collect());
        }
        let mut found = Vec::new();
        of(name, value, &mut found)?;
        let mut known = HashSet::new();
        found.retain(|answer: &String| !answer.trim().is_empty() && known.insert(answer.clone()));
        return Ok(found);
    }
    Ok(Vec::new())
}

fn of(name: &str, value: &Value, found: &mut Vec<String>) -> Result<(), String> {
    match value {
        Value::Null => {}
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(items) if items.len() > 1 && items.iter().all(Value::is_number) => {
            return Err(format!(
                "`{name}` is a list of numbers: as one answer write them as a text (\"3, 4\"), as answers of which any is right as texts ([\"3\", \"4\"])"
            ));
        }
        Value::Array(items) => items.iter().try_for_each(|item| match item {
            Value::Array(_) => Err(format!("column `{name}` holds lists of lists")),
            item => of(name, item, found),
        })?,
        Value::Object(keys) => {
            let within: Vec<&Value> = WITHIN.iter().filter_map(|key| keys.get(*key)).collect();
            if within.is_empty() {
                return Err(missing_text(name, value));
            }
            within.into_iter().try_for_each(|value| of(name, value, found))?;
        }
        Value::Bool(_) => return Err(missing_text(name, value)),
    }
    Ok(())
}
