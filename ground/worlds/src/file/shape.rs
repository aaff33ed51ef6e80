//! One record of a data set, in the shapes that public data sets have.
//!
//! `question`/`answer`, `problem`/`solution`, `prompt`/`completion`, `prompt`/`chosen` and the like; `messages`, whose last turn of the
//! assistant is the reference; a question with `choices` or `options` (ARC, MMLU), CommonsenseQA's nested one
//! included, whose letter is the reference; a programming task with its tests (HumanEval, MBPP, APPS); MAWPS's questions, whose numbers stand beside them.

use nouns::{Content, Role, Split, Turn};
use serde_json::{Map, Value};

use super::record::Record;
use crate::code::Tests;
use crate::options::Options;
use crate::record::{column, missing};

/// The columns that hold a problem, the first present wins.
const PROBLEMS: [&str; 9] =
    ["question", "problem", "prompt", "input", "instruction", "task", "puzzle", "puzzles", "numbers"];

/// The columns that hold a programming task: HumanEval's and MBPP's `prompt`, MBPP's `text`, APPS's `question`.
const TASKS: [&str; 5] = ["prompt", "text", "question", "problem", "description"];

/// The columns that hold a reference.
const ANSWERS: [&str; 8] = ["answer", "answerkey", "solution", "completion", "response", "target", "output", "chosen"];

/// A record of a JSON object.
pub(super) fn record(record: &Map<String, Value>, options: &Options) -> Result<Record, String> {
    let domain = column(record, &["domain"]).ok().flatten().filter(|domain| !domain.trim().is_empty());
    let own = column(record, &["split"]).ok().flatten();
    let split = own.map(|word| split(&word)).transpose()?;
    let renamed = options.columns.named(&PROBLEMS);
    if let Some(tests) = Tests::of(record)? {
        let asked = column(record, &renamed.map_or_else(|| TASKS.to_vec(), |name| vec![name]))?.unwrap_or_default();
        let starter = column(record, &["starter_code"])?.filter(|code| !code.trim().is_empty());
        let asked = starter.map_or_else(|| asked.clone(), |code| format!("{asked}\n\n{code}"));
        let prompt = vec![Turn::user(tests.prompt(&asked))];
        if prompt[0].content.as_text().trim().is_empty() {
            return Err(missing(record, &TASKS));
        }
        return Ok(Record { prompt, answer: None, domain, split, choices: false, tests: Some(tests) });
    }
    if renamed.is_none()
        && let Some(Value::Array(messages)) = find(record, "messages")
    {
        let (prompt, answer) = conversation(messages)?;
        return Ok(Record { prompt, answer, domain, split, choices: false, tests: None });
    }
    let nested = match find(record, "question") {
        Some(Value::Object(question)) if renamed.is_none() => Some(question),
        _ => None,
    };
    let of = nested.unwrap_or(record);
    let problems: Vec<&str> = match (renamed, nested) {
        (Some(name), _) => vec![name],
        (None, Some(_)) => vec!["stem", "text"],
        (None, None) => PROBLEMS.to_vec(),
    };
    let answers = options.columns.named(&ANSWERS).map_or_else(|| ANSWERS.to_vec(), |name| vec![name]);
    if let Some(turns) = messages(of, &problems) {
        let (prompt, last) = conversation(turns)?;
        return Ok(Record {
            prompt,
            answer: reference(record, &answers)?.or(last),
            domain,
            split,
            choices: false,
            tests: None,
        });
    }
    let problem = column(of, &problems)?.filter(|text| !text.trim().is_empty());
    let problem = numbered(problem.ok_or_else(|| missing(of, &problems))?, record);
    let answer = reference(record, &answers)?;
    let choices = find(of, "choices").or_else(|| find(of, "options")).and_then(choices);
    let Some(choices) = choices.filter(|choices| choices.len() > 1) else {
        return Ok(Record {
            prompt: vec![Turn::user(problem.trim())],
            answer,
            domain,
            split,
            choices: false,
            tests: None,
        });
    };
    let answer = answer.map(|answer| letter(&answer, &choices)).transpose()?;
    let lines = choices.iter().map(|(label, text)| format!("\n({label}) {text}"));
    let prompt = vec![Turn::user(problem.trim().to_owned() + &lines.collect::<String>())];
    Ok(Record { prompt, answer, domain, split, choices: true, tests: None })
}

/// The messages in the first of these columns that there is, if it holds messages.
fn messages<'a>(record: &'a Map<String, Value>, names: &[&str]) -> Option<&'a [Value]> {
    match names.iter().find_map(|name| find(record, name).filter(|value| !value.is_null()))? {
        Value::Array(turns) if turns.first().is_some_and(Value::is_object) => Some(turns),
        _ => None,
    }
}

/// The reference: a text, or the last turn of a conversation.
fn reference(record: &Map<String, Value>, names: &[&str]) -> Result<Option<String>, String> {
    match messages(record, names) {
        Some(turns) => Ok(turns.last().and_then(|turn| turn.get("content")?.as_str()).map(str::to_owned)),
        None => column(record, names),
    }
}

fn find<'a>(record: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    record.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The prompt of a conversation, and what its last turn says if that is the assistant's.
fn conversation(messages: &[Value]) -> Result<(Vec<Turn>, Option<String>), String> {
    let turn = |message: &Value| -> Result<Turn, String> {
        let text = |key: &str| message.get(key).and_then(Value::as_str);
        let said = text("content").or_else(|| text("value")).ok_or("a message without the text `content`")?;
        let role = match text("role").or_else(|| text("from")) {
            Some("system" | "developer") => Role::System,
            Some("user" | "human") => Role::User,
            Some("assistant" | "gpt") => Role::Assistant,
            Some("tool") => Role::Tool,
            other => return Err(format!("a message of the role {}", other.unwrap_or("none"))),
        };
        Ok(Turn { role, content: Content::text(said) })
    };
    let mut turns = messages.iter().map(turn).collect::<Result<Vec<_>, _>>()?;
    let answer = turns.pop_if(|last| last.role == Role::Assistant).map(|last| last.content.into_text());
    if turns.iter().all(|turn| turn.content.as_text().trim().is_empty()) {
        return Err("a conversation in which nothing is asked".to_owned());
    }
    Ok((turns, answer))
}

/// The choices with their labels: texts alone, objects of `label` and `text`, or an object of two lists.
fn choices(value: &Value) -> Option<Vec<(String, String)>> {
    let lettered = |place: usize| char::from(b'A' + (place % 26) as u8).to_string();
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => {
            let of = |(place, item): (usize, &Value)| match item {
                Value::Object(item) => {
                    let label = item.get("label").and_then(text).unwrap_or_else(|| lettered(place));
                    Some((label, item.get("text").and_then(text)?))
                }
                item => Some((lettered(place), text(item)?)),
            };
            items.iter().enumerate().map(of).collect()
        }
        Value::Object(lists) => {
            let Value::Array(texts) = lists.get("text")? else { return None };
            let label = |place: usize| lists.get("label").and_then(|labels| text(labels.get(place)?));
            let of =
                |(place, item): (usize, &Value)| Some((label(place).unwrap_or_else(|| lettered(place)), text(item)?));
            texts.iter().enumerate().map(of).collect()
        }
        _ => None,
    }
}

/// The label of the right choice: as it is, by its place from 0, or by its text.
fn letter(answer: &str, choices: &[(String, String)]) -> Result<String, String> {
    let answer = answer.trim();
    let label = choices.iter().find(|(label, text)| label.eq_ignore_ascii_case(answer) || text.trim() == answer);
    let found = label.or_else(|| choices.get(answer.parse::<usize>().ok()?));
    found.map(|(label, _)| label.clone()).ok_or_else(|| format!("`{answer}` is none of the {} choices", choices.len()))
}

/// MAWPS: `number0` in a question is the first of `Numbers`.
fn numbered(mut problem: String, record: &Map<String, Value>) -> String {
    let Some(Value::String(numbers)) = find(record, "numbers").filter(|_| problem.contains("number0")) else {
        return problem;
    };
    let numbers: Vec<&str> = numbers.split_whitespace().collect();
    for (place, number) in numbers.iter().enumerate().rev() {
        problem = problem.replace(&format!("number{place}"), number.strip_suffix(".0").unwrap_or(number));
    }
    problem
}

/// The words that data sets use for the three splits.
fn split(word: &str) -> Result<Split, String> {
    match word.to_lowercase().as_str() {
        "train" | "training" => Ok(Split::Train),
        "valid" | "validation" | "val" | "dev" => Ok(Split::Valid),
        "test" => Ok(Split::Test),
        _ => Err(format!("`{word}` is not a split: train, valid or test")),
    }
}
