use std::path::Path;

use nouns::{Judgement, Unsettled, Verdict};

use crate::error::Result;
use crate::table::{Column, Table, TableFile};

const COMPONENTS: &str = "components";

/// The verdict on one trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The trace's id.
    pub trace: String,
    /// What it is worth, and what each of several checkers said.
    pub judgement: Judgement,
}

/// Verdicts as a Parquet file: `trace`; `verdict` (`right`, `wrong`, `graded`, `unsettled`);
/// `grade` if graded; `unsettled` (`checker-failed`, `environment-failed`, `out-of-bounds`,
/// `no-majority`, `no-reference`) if unsettled; `reason`, for people; `components` as JSON, if
/// several checkers spoke together.
pub fn verdicts_to_parquet(checked: &[Checked]) -> Result<Vec<u8>> {
    let traces = Column::Text(checked.iter().map(|row| row.trace.clone()).collect());
    let verdicts: Vec<&Verdict> = checked.iter().map(|row| &row.judgement.verdict).collect();
    let table = with_verdicts(Table::default().with("trace", traces), &verdicts);
    if checked.iter().all(|row| row.judgement.components.is_empty()) {
        return table.to_parquet();
    }
    let components = checked.iter().map(|row| serde_json::to_string(&row.judgement.components).ok());
    table.with(COMPONENTS, Column::OptionalText(components.collect())).to_parquet()
}

/// Reads verdicts back.
pub fn read_verdicts(path: &Path) -> Result<Vec<Checked>> {
    let file = TableFile::open(path)?;
    let traces: Vec<String> = file.text("trace")?.collect();
    let components: Vec<Option<String>> = match file.has(COMPONENTS) {
        true => file.optional_text(COMPONENTS)?.collect(),
        false => vec![None; traces.len()],
    };
    let rows = traces.into_iter().zip(verdict_rows(&file)?).zip(components);
    let row = |((trace, verdict), components): ((String, Verdict), Option<String>)| {
        let components = components.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text));
        let components = components.map_err(|error| file.bad_cell(COMPONENTS, &error.to_string()))?;
        Ok(Checked { trace, judgement: Judgement { verdict, components } })
    };
    rows.map(row).collect()
}

pub(super) fn with_verdicts(table: Table, verdicts: &[&Verdict]) -> Table {
    table
        .with("verdict", Column::Text(verdicts.iter().map(|verdict| word(verdict).to_owned()).collect()))
        .with("grade", Column::OptionalF64(verdicts.iter().map(|verdict| grade(verdict)).collect()))
        .with("unsettled", Column::OptionalText(verdicts.iter().map(|verdict| kind(verdict)).collect()))
        .with("reason", Column::OptionalText(verdicts.iter().map(|verdict| reason(verdict)).collect()))
}

pub(super) fn verdict_rows(file: &TableFile) -> Result<Vec<Verdict>> {
    let (words, grades) = (file.text("verdict")?, file.optional_f64("grade")?);
    let (kinds, reasons) = (file.optional_text("unsettled")?, file.optional_text("reason")?);
    let rows = words.zip(grades).zip(kinds.zip(reasons));
    let parse = |((word, grade), (kind, reason)): ((String, _), (Option<String>, _))| {
        let verdict = verdict(&word, grade, kind.as_deref(), reason);
        verdict.ok_or_else(|| file.bad_cell("verdict", &format!("`{word}` with these columns is no verdict")))
    };
    rows.map(parse).collect()
}

fn verdict(word: &str, grade: Option<f64>, kind: Option<&str>, reason: Option<String>) -> Option<Verdict> {
    Some(match word {
        "right" => Verdict::Right,
        "wrong" => Verdict::Wrong(reason?),
        "graded" => Verdict::Graded(grade?),
        "unsettled" => Verdict::Unsettled(unsettled(kind?, reason)?),
        _ => return None,
    })
}

fn unsettled(kind: &str, reason: Option<String>) -> Option<Unsettled> {
    Some(match kind {
        "checker-failed" => Unsettled::CheckerFailed(reason?),
        "environment-failed" => Unsettled::EnvironmentFailed(reason?),
        "out-of-bounds" => Unsettled::OutOfBounds(reason?),
        "no-majority" => Unsettled::NoMajority,
        "no-reference" => Unsettled::NoReference,
        _ => return None,
    })
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Right => "right",
        Verdict::Wrong(_) => "wrong",
        Verdict::Graded(_) => "graded",
        Verdict::Unsettled(_) => "unsettled",
    }
}

fn grade(verdict: &Verdict) -> Option<f64> {
    match verdict {
        Verdict::Graded(grade) => Some(*grade),
        Verdict::Right | Verdict::Wrong(_) | Verdict::Unsettled(_) => None,
    }
}

fn kind(verdict: &Verdict) -> Option<String> {
    let Verdict::Unsettled(unsettled) = verdict else { return None };
    let kind = match unsettled {
        Unsettled::CheckerFailed(_) => "checker-failed",
        Unsettled::EnvironmentFailed(_) => "environment-failed",
        Unsettled::OutOfBounds(_) => "out-of-bounds",
        Unsettled::NoMajority => "no-majority",
        Unsettled::NoReference => "no-reference",
    };
    Some(kind.to_owned())
}

fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Wrong(why) => Some(why.clone()),
        Verdict::Unsettled(
            Unsettled::CheckerFailed(why) | Unsettled::EnvironmentFailed(why) | Unsettled::OutOfBounds(why),
        ) => Some(why.clone()),
        Verdict::Right | Verdict::Graded(_) | Verdict::Unsettled(_) => None,
    }
}
