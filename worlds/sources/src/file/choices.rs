//! The choices of a question, in the shapes that public data sets have.

use serde_json::{Map, Value};

use super::columns::find;

/// The columns that hold all choices.
const LISTS: [&str; 3] = ["choices", "options", "endings"];

/// What the names of columns begin with that hold a choice each: `A`, `option_a`, `choice1`, `opa`
/// (MMLU, MedMCQA, COPA).
const EACH: [&str; 7] = ["", "option", "option_", "choice", "choice_", "op", "ending"];

/// Labels and texts.
type Choices = Vec<(String, String)>;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// What it is asked and answered by.
    pub(super) letter: String,
    /// What the record calls it.
    label: String,
    pub(super) text: String,
}

/// The choices of a record; none where it is no multiple choice. What looks like choices and cannot
/// be read is refused: a question that is asked without its choices is another question.
pub(super) fn of(record: &Map<String, Value>) -> Result<Option<Vec<Choice>>, String> {
    let listed =
        LISTS.iter().find_map(|name| find(record, name).filter(|value| !is_empty(value)).map(|value| (name, value)));
    let choices = match listed {
        None => apart(record),
        Some((name, value)) => Some(listed_in(value).ok_or_else(|| {
            format!("`{name}` holds no choices that can be read: a list of texts, texts by their labels, or a list of labels and one of texts")
        })?),
    };
    Ok(choices.map(lettered))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        Value::String(text) => text.trim().is_empty() || text.trim() == "[]",
        _ => false,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn listed_in(value: &Value) -> Option<Choices> {
    match value {
        Value::Array(items) => items.iter().enumerate().map(item).collect(),
        Value::Object(columns) => match columns.get("text") {
            Some(Value::Array(texts)) => {
                let label = |place: usize| columns.get("label").and_then(|labels| text(labels.get(place)?));
                let one =
                    |(place, item): (usize, &Value)| Some((label(place).unwrap_or_else(|| letter(place)), text(item)?));
                texts.iter().enumerate().map(one).collect()
            }
            _ => columns.iter().map(|(label, item)| Some((label.clone(), text(item)?))).collect(),
        },
        // Tables often keep lists as texts of JSON.
        Value::String(json) => serde_json::from_str(json)
            .ok()
            .filter(|value: &Value| !value.is_string())
            .and_then(|value| listed_in(&value)),
        _ => None,
    }
}

fn item((place, item): (usize, &Value)) -> Option<(String, String)> {
    match item {
        Value::Object(item) => {
            let label = ["label", "key", "letter"].into_iter().find_map(|name| item.get(name).and_then(text));
            let said = ["text", "value", "content"].into_iter().find_map(|name| item.get(name).and_then(text))?;
            Some((label.unwrap_or_else(|| letter(place)), said))
        }
        item => Some((letter(place), text(item)?)),
    }
}

/// Choices in columns of their own: at least two that follow one another.
fn apart(record: &Map<String, Value>) -> Option<Choices> {
    // Single letters are names of other things too, and so they are taken as they are written in MMLU.
    let column = |start: &str, name: String| match start {
        "" => record.get(&name.to_uppercase()).filter(|value| value.is_string()).and_then(text),
        _ => find(record, &name).and_then(text),
    };
    EACH.iter().find_map(|start| {
        [('a', 26), ('1', 9), ('0', 9)].into_iter().find_map(|(first, most)| {
            if start.is_empty() && first != 'a' {
                return None;
            }
            let ends = (0..most).map(|place| char::from(first as u8 + place));
            let found: Vec<(String, String)> = ends
                .map_while(|end| Some((end.to_uppercase().to_string(), column(start, format!("{start}{end}"))?)))
                .collect();
            (found.len() > 1).then_some(found)
        })
    })
}

fn letter(place: usize) -> String {
    match u8::try_from(place).ok().filter(|place| *place < 26) {
        Some(place) => char::from(b'A' + place).to_string(),
        None => (place + 1).to_string(),
    }
}

/// The letter of the choice that a reference names: by the label that stood there, by its text, or
/// by its place from 0, which comes first where the column is one of places.
pub(super) fn named(answer: &str, choices: &[Choice], of_places: bool) -> Option<String> {
    let answer = answer.trim();
    let bare = answer.trim_matches(['(', ')', '.']);
    let by_label = || choices.iter().find(|choice| choice.label.eq_ignore_ascii_case(bare));
    let by_text = || choices.iter().find(|choice| choice.text == answer);
    let by_place = || choices.get(answer.parse::<usize>().ok()?);
    let first = if of_places { by_place() } else { None };
    let choice = first.or_else(by_label).or_else(by_text).or_else(by_place);
    choice.map(|choice| choice.letter.clone())
}

/// The letter of the one choice whose words a response gives, of those that a prompt shows.
pub(super) fn said(prompt: &str, response: &str) -> Option<String> {
    let shown = prompt.lines().filter_map(|line| {
        let (letter, text) = line.strip_prefix('(')?.split_once(") ")?;
        matches!(letter.as_bytes(), [b'A'..=b'Z']).then(|| (letter, text.trim()))
    });
    let mut said = shown.filter(|(_, text)| answers::Kind::Math.judge(text, response).correct() == Some(true));
    let (letter, _) = said.next()?;
    said.next().is_none().then(|| letter.to_owned())
}

/// Choices under letters. Labels that are letters stay; others give way to the letter of their
/// place (ARC has rows whose labels are numbers), because answers are read by letter.
fn lettered(choices: Vec<(String, String)>) -> Vec<Choice> {
    let is_letter = |(label, _): &(String, String)| matches!(label.as_bytes(), [b'A'..=b'Z']);
    let keep = choices.iter().all(is_letter);
    let choice = |(place, (label, text)): (usize, (String, String))| {
        let letter = if keep { label.clone() } else { letter(place) };
        Choice { letter, label, text }
    };
    choices.into_iter().enumerate().map(choice).collect()
}
