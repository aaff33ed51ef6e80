//! One record of a data set, in the shapes that public data sets have.
//!
//! `question`/`answer`, `problem`/`solution`, `prompt`/`completion`, `prompt`/`chosen` and the
//! like; `messages`, whose last turn of the assistant is the reference; a question with `choices`
//! or `options` (ARC, MMLU), CommonsenseQA's nested one included, whose letter is the reference; a
//! programming task with its tests (HumanEval, MBPP, APPS); MAWPS's questions, whose numbers stand
//! beside them; IFEval's instructions; what reasoning-gym exports.

use std::path::Path;

use nouns::{AnswerOption, Content, Role, Split, Turn};
use serde_json::{Map, Value};

use super::choices;
use super::columns::{find, messages, role};
use super::exported;
use super::features;
use super::media::{Unplaced, content};
use super::record::Record;
use super::reference::{ANSWERS, answers};
use super::templated::templated;
use super::verifiable;
use crate::code::Tests;
use crate::options::Options;
use crate::record::{column, missing};

/// The columns that hold a problem, the first present wins.
const PROBLEMS: [&str; 12] = [
    "question",
    "problem",
    "prompt",
    "input",
    "instruction",
    "task",
    "puzzle",
    "puzzles",
    "numbers",
    "text",
    "sentence",
    "utterance",
];

/// The columns that hold a programming task: HumanEval's and MBPP's `prompt`, MBPP's `text`, APPS's
/// `question`.
const TASKS: [&str; 5] = ["prompt", "text", "question", "problem", "description"];

/// How many of the last columns that hold a reference hold a choice's place from 0, where the
/// record has choices: `answer_idx`, `answer_index`, `cop`, `category`, `label`.
const PLACES: usize = 5;

/// The columns of a classification: the reference is one of few labels, and no text of its own.
const LABELS: [&str; 2] = ["category", "label"];

/// A record of a JSON object.
pub(super) fn record(record: &Map<String, Value>, options: &Options, folder: &Path) -> Result<Record, String> {
    let domain = column(record, &["domain"]).ok().flatten().filter(|domain| !domain.trim().is_empty());
    let own = column(record, &["split"]).ok().flatten();
    let split = own.map(|word| split(&word)).transpose()?;
    let asked = asked(record, options, folder)?;
    let put = templated(record, &asked.prompt, options)?;
    let exact = exported::is_exact(record)?;
    Ok(Record { domain, split, put, exact, ..asked })
}

/// What a record asks, and what is right.
fn asked(record: &Map<String, Value>, options: &Options, folder: &Path) -> Result<Record, String> {
    if let Some(features) = features::record(record)? {
        return Ok(features);
    }
    let unplaced = Unplaced::of(record, folder)?;
    let renamed = options.columns.named(&PROBLEMS);
    if let Some(tests) = Tests::of(record)? {
        let asked = column(record, &renamed.map_or_else(|| TASKS.to_vec(), |name| vec![name]))?.unwrap_or_default();
        let starter = column(record, &["starter_code"])?.filter(|code| !code.trim().is_empty());
        let asked = starter.map_or_else(|| asked.clone(), |code| format!("{asked}\n\n{code}"));
        let prompt = vec![user(unplaced.placed(&tests.prompt(&asked))?)];
        if prompt[0].content.as_text().trim().is_empty() {
            return Err(missing(record, &TASKS));
        }
        return Ok(Record { tests: Some(tests), ..Record::of(prompt) });
    }
    if let Some(instructions) = verifiable::of(record)? {
        let names = renamed.map_or_else(|| PROBLEMS.to_vec(), |name| vec![name]);
        let asked = column(record, &names)?.filter(|text| !text.trim().is_empty());
        let prompt = vec![user(unplaced.placed(&asked.ok_or_else(|| missing(record, &PROBLEMS))?)?)];
        return Ok(Record { instructions: Some(instructions), ..Record::of(prompt) });
    }
    if renamed.is_none()
        && let Some(turns) = find(record, "messages").and_then(messages)
    {
        let (prompt, answer) = conversation(&turns, unplaced, folder)?;
        return Ok(Record { answers: answer.into_iter().collect(), ..Record::of(prompt) });
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
    let named = options.columns.named(&ANSWERS).map_or_else(|| ANSWERS.to_vec(), |name| vec![name]);
    let answers = answers(record, &named)?;
    if let Some(turns) = first(of, &problems).and_then(messages) {
        let (prompt, last) = conversation(&turns, unplaced, folder)?;
        let answers = if answers.is_empty() { last.into_iter().collect() } else { answers };
        return Ok(Record { answers, ..Record::of(prompt) });
    }
    let problem = column(of, &problems)?.filter(|text| !text.trim().is_empty());
    // A picture may be all that is asked about.
    let problem = problem.or_else(|| (!unplaced.is_empty()).then(String::new));
    let problem = numbered(problem.ok_or_else(|| missing(of, &problems))?, record);
    let problem = problem.trim().to_owned();
    let Some(choices) = choices::of(of)? else {
        let others = &ANSWERS[..ANSWERS.len() - LABELS.len()];
        let label = named.len() > 1 && !answers.is_empty() && first(record, others).is_none();
        return Ok(Record { answers, label, ..Record::of(vec![user(unplaced.placed(&problem)?)]) });
    };
    // The letters run out: they are shown as they are, and answered by their words.
    let few = choices.len() <= 26;
    let line = |choice: &choices::Choice| match few {
        true => format!("\n({}) {}", choice.letter, choice.text),
        false => format!("\n- {}", choice.text),
    };
    let prompt = vec![user(unplaced.placed(&(problem + &choices.iter().map(line).collect::<String>()))?)];
    let answers = if few { chosen(record, &answers, &choices)? } else { answers };
    let option = |choice: choices::Choice| AnswerOption {
        letter: if few { choice.letter } else { choice.text.clone() },
        text: choice.text,
    };
    let options = choices.into_iter().map(option).collect();
    Ok(Record { answers, options, choices: few, ..Record::of(prompt) })
}

/// The letters of the right choices. Where the first column that holds an answer names none of
/// them, another may.
fn chosen(record: &Map<String, Value>, answers: &[String], choices: &[choices::Choice]) -> Result<Vec<String>, String> {
    let of_places = first(record, &ANSWERS[..ANSWERS.len() - PLACES]).is_none();
    let named = |answer: &String| choices::named(answer, choices, of_places);
    let letters: Option<Vec<String>> = answers.iter().map(named).collect();
    if let Some(letters) = letters {
        return Ok(letters);
    }
    let index = column(record, &["answer_idx", "answer_index"])?;
    let named = index.and_then(|index| choices::named(&index, choices, true));
    let none = || format!("`{}` is none of the {} choices", answers.join("`, `"), choices.len());
    named.map(|letter| vec![letter]).ok_or_else(none)
}

/// The value in the first of these columns that there is.
fn first<'a>(record: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| find(record, name).filter(|value| !value.is_null()))
}

/// The prompt of a conversation, and what its last turn says if that is the assistant's.
fn conversation(
    messages: &[Value],
    mut unplaced: Unplaced,
    folder: &Path,
) -> Result<(Vec<Turn>, Option<String>), String> {
    let turn = |message: &Value| -> Result<Turn, String> {
        let text = |key: &str| message.get(key).and_then(Value::as_str);
        let said = message.get("content").filter(|said| !said.is_null());
        let said = said.or_else(|| message.get("value")).or_else(|| message.get("content"));
        let content = content(said.ok_or("a message without the text `content`")?, &mut unplaced, folder)?;
        let named = || text("role").or_else(|| text("from")).unwrap_or("none");
        let role = role(message).ok_or_else(|| format!("a message of the role {}", named()))?;
        Ok(Turn { role, content })
    };
    let mut turns = messages.iter().map(turn).collect::<Result<Vec<_>, _>>()?;
    let answer = turns.pop_if(|last| last.role == Role::Assistant).map(|last| last.content.into_text());
    if !unplaced.is_empty() {
        let asked = turns.iter_mut().find(|turn| turn.role == Role::User);
        let asked = asked.ok_or("pictures, and no message of a user that they belong to")?;
        asked.content = match asked.content.plain_text() {
            Some(text) => unplaced.placed(text)?,
            None => return Err("more pictures than the messages name".to_owned()),
        };
    }
    let says_nothing = |content: &Content| content.as_text().trim().is_empty() && content.images().next().is_none();
    if turns.iter().all(|turn| says_nothing(&turn.content)) {
        return Err("a conversation in which nothing is asked".to_owned());
    }
    Ok((turns, answer))
}

fn user(content: Content) -> Turn {
    Turn { role: Role::User, content }
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
