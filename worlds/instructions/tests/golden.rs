//! Verdicts of the reference implementation (`golden/ifeval.py`).

use instructions::instructions;
use serde_json::{Map, Value};

/// A verdict, and what it is of.
struct Row {
    name: String,
    kwargs: Map<String, Value>,
    text: String,
    strict: bool,
    loose: bool,
}

fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        Row {
            name: row["name"].as_str().expect("a name").to_owned(),
            kwargs: row["kwargs"].as_object().expect("arguments").clone(),
            text: row["text"].as_str().expect("a text").to_owned(),
            strict: row["strict"].as_bool().expect("a verdict"),
            loose: row["loose"].as_bool().expect("a verdict"),
        }
    };
    text.lines().map(row).collect()
}

#[test]
fn verdicts_are_those_of_the_reference() {
    let rows = rows(include_str!("golden.jsonl"));
    let mut known = std::collections::BTreeSet::new();
    for row in &rows {
        let read = instructions(&[&row.name], std::slice::from_ref(&row.kwargs)).expect("an instruction");
        let verdicts = (read[0].is_followed(&row.text), read[0].is_followed_loosely(&row.text));
        assert_eq!(verdicts, (row.strict, row.loose), "{} {:?}: {}", row.name, row.kwargs, row.text);
        known.insert(row.name.as_str());
    }
    assert_eq!(known.len(), 24, "every kind of instruction but the one that repeats its prompt");
}

#[test]
fn what_is_no_instruction_is_refused() {
    let why = |name: &str| instructions(&[name], &[]).expect_err(name).to_string();
    assert_eq!(why("keywords:rhymes"), "`keywords:rhymes` is no instruction that can be verified");
    assert_eq!(
        why("length_constraints:number_words"),
        "the instruction `length_constraints:number_words` needs `relation`, a text"
    );
}
