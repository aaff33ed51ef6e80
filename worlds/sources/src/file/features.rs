//! The columns of a feature vector: what a classifier is shown.

use nouns::{Content, Part, Role, Turn};
use serde_json::{Map, Value};

use super::columns::find;
use super::record::Record;
use crate::record::column;

/// The columns that hold its label.
const LABELS: [&str; 5] = ["label", "class", "target", "answer", "category"];

/// The record of a feature vector, if it is one: a column `features` of numbers.
pub(super) fn record(record: &Map<String, Value>) -> Result<Option<Record>, String> {
    let Some(value) = find(record, "features").filter(|value| !value.is_null()) else { return Ok(None) };
    let wrong = |item: &Value| format!("`features` must be a list of numbers, and holds {item}");
    let Value::Array(items) = value else { return Err(wrong(value)) };
    if items.is_empty() {
        return Err("`features` is empty".to_owned());
    }
    let numbers: Vec<f64> =
        items.iter().map(|item| item.as_f64().ok_or_else(|| wrong(item))).collect::<Result<_, _>>()?;
    let prompt = vec![Turn { role: Role::User, content: Content(vec![Part::Numbers(numbers)]) }];
    let label = column(record, &LABELS)?.map(|label| label.trim().to_owned());
    Ok(Some(Record { answers: label.into_iter().collect(), label: true, ..Record::of(prompt) }))
}

/// Whether a record is a feature vector.
pub(super) fn has_features(record: &Record) -> bool {
    record.prompt.iter().flat_map(|turn| &turn.content.0).any(|part| matches!(part, Part::Numbers(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Record>, String> {
        record(serde_json::from_str::<Value>(text).expect("JSON").as_object().expect("an object"))
    }

    #[test]
    fn features_and_a_label_are_a_record() {
        let found = read(r#"{"features": [1, 2.5], "label": 7}"#).expect("read").expect("features");
        assert_eq!(found.answers, ["7"]);
        assert!(has_features(&found));
        assert!(read(r#"{"question": "How many?"}"#).expect("read").is_none());
    }

    #[test]
    fn what_are_no_numbers_is_refused() {
        for wrong in [r#"{"features": [1, "a"]}"#, r#"{"features": "1 2"}"#, r#"{"features": []}"#] {
            assert!(read(wrong).expect_err(wrong).contains("features"), "{wrong}");
        }
    }
}
