//! `verify`: compare answers with references, line by line.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use answers::Kind;
use clap::Args;
use faults::{Code, Fault, Outcome};
use serde_json::{Map, Value, json};

use crate::console::Console;

/// Compare answers with references: JSON lines in, verdicts with reasons out.
///
/// A line is {"gold": "…", "answer": "…"}; the answer may be a whole response. What comes out is
/// {"correct": true, false or null, "reason": "…"}, null where it cannot be told. An `id` is repeated. Kinds: `math`
/// (equivalence), `exact` (letter for letter), `number` and `gsm8k` (the one number that each gives), `choice` (the letter).
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// How answers are compared: math, exact, number, choice or gsm8k.
    kind: String,
    /// The lines; `-` reads standard input.
    file: PathBuf,
    /// Accepted for likeness: verdicts are JSON anyway.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  autodidact verify math pairs.jsonl > verdicts.jsonl
  echo '{\"gold\": \"\\\\frac12\", \"answer\": \"So it is \\\\boxed{0.5}.\"}' | autodidact verify math -";

/// What can be wrong with the lines.
#[derive(Debug, thiserror::Error)]
enum VerifyFault {
    #[error("cannot read `{}`", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}:{line}: {why}", path.display())]
    Line { path: PathBuf, line: usize, why: String },
}

impl Fault for VerifyFault {
    fn code(&self) -> Code {
        Code::Data
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            VerifyFault::Unreadable { .. } => "Check the path; `-` reads standard input.".to_owned(),
            VerifyFault::Line { .. } => r#"Write one object a line: {"gold": "…", "answer": "…"}."#.to_owned(),
        })
    }
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let kind: Kind = arguments.kind.parse()?;
    let path = &arguments.file;
    let unreadable = |source| VerifyFault::Unreadable { path: path.clone(), source };
    for (line, text) in (1..).zip(open(path).map_err(unreadable)?.lines()) {
        let text = text.map_err(unreadable)?;
        if text.trim().is_empty() {
            continue;
        }
        let verdict = judge(kind, &text).map_err(|why| VerifyFault::Line { path: path.clone(), line, why })?;
        console.print_json(&verdict)?;
    }
    Ok(0)
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let input: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(std::fs::File::open(path)?) };
    Ok(Box::new(BufReader::new(input)))
}

fn judge(kind: Kind, line: &str) -> Result<Value, String> {
    let record: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("not a JSON object: {error}"))?;
    let judgement = kind.judge(&text(&record, "gold")?, &text(&record, "answer")?);
    let mut verdict = json!({ "correct": judgement.correct(), "reason": judgement.reason() });
    if let Some(id) = record.get("id") {
        verdict["id"] = id.clone();
    }
    Ok(verdict)
}

fn text(record: &Map<String, Value>, key: &str) -> Result<String, String> {
    match record.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(other) => Err(format!("`{key}` is neither text nor a number: {other}")),
        None => Err(format!("there is no `{key}`")),
    }
}
