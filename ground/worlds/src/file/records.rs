use std::path::Path;

use nouns::Split;
use serde_json::{Map, Value};

use crate::catalogue::Options;
use crate::fault::{WorldFault, read_text};
use crate::record::{ANSWER_COLUMNS, PROBLEM_COLUMNS, column, missing};

/// One line of a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The problem.
    pub(crate) problem: String,
    /// The reference answer, if there is one.
    pub(crate) answer: Option<String>,
    /// The split it says it belongs to.
    pub(crate) split: Option<Split>,
}

/// The records of a JSONL file, in order. Empty lines are skipped.
pub(crate) fn read(path: &Path, options: &Options) -> Result<Vec<Record>, WorldFault> {
    let text = read_text(path)?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let records = lines.map(|(number, line)| {
        parse(line, options).map_err(|problem| WorldFault::bad_line(path, number, problem, Some(hint())))
    });
    let records = records.collect::<Result<Vec<_>, _>>()?;
    if records.is_empty() { Err(WorldFault::Empty { path: path.to_owned() }) } else { Ok(records) }
}

fn parse(line: &str, options: &Options) -> Result<Record, String> {
    let record: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("not a JSON record: {error}"))?;
    let problems = named(&options.problem_column, &PROBLEM_COLUMNS);
    let answers = named(&options.answer_column, &ANSWER_COLUMNS);
    let problem = column(&record, &problems)?.filter(|text| !text.trim().is_empty());
    Ok(Record {
        problem: problem.ok_or_else(|| missing(&record, &problems))?,
        answer: column(&record, &answers)?,
        split: column(&record, &["split"])?.map(|word| split(&word)).transpose()?,
    })
}

/// The column asked for, or the usual ones.
fn named<'a>(asked: &'a Option<String>, usual: &[&'a str]) -> Vec<&'a str> {
    asked.as_deref().map_or_else(|| usual.to_vec(), |name| vec![name])
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

fn hint() -> String {
    r#"One JSON object a line, for example {"question": "…", "answer": "…"}."#.to_owned()
}
