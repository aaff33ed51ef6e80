//! `verify`: compare answers with references, line by line.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use answers::Kind;
use clap::Args;
use faults::{Code, Fault, Outcome};
use serde_json::{Map, Value, json};
use worlds::Strength;
use worlds::code::{CodeFault, Judge, Tested, Tests};

use crate::console::Console;

/// Compare answers with references: JSON lines in, verdicts with reasons out.
///
/// A line is {"gold": "…", "answer": "…"}; the answer may be a whole response. What comes out is
/// {"correct": true, false or null, "reason": "…"}, null where it cannot be told. An `id` is repeated. Kinds: `math`
/// (equivalence), `exact` (letter for letter), `number` and `gsm8k` (the one number that each gives), `choice` (the letter), `code` (a program and its tests).
///
/// For `code` a line has tests instead of "gold", as HumanEval ("prompt", "test", "entry_point"), MBPP ("test_list") or APPS
/// ("input_output") write them. Programs run with `python3` in a sandbox.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// How answers are compared: math, exact, number, choice, gsm8k or code.
    kind: String,
    /// The lines; `-` reads standard input.
    file: PathBuf,
    /// Run programs even if this machine lacks what keeps files and system calls from them.
    #[arg(long)]
    allow_weak_sandbox: bool,
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
    let kind = match arguments.kind.as_str() {
        "code" => Judging::Programs(programs(arguments, console)),
        word => Judging::Answers(word.parse()?),
    };
    let path = &arguments.file;
    let unreadable = |source| VerifyFault::Unreadable { path: path.clone(), source };
    let mut lines = (1..).zip(open(path).map_err(unreadable)?.lines());
    loop {
        let some: Vec<(usize, io::Result<String>)> = lines.by_ref().take(kind.at_once()).collect();
        if some.is_empty() {
            return Ok(0);
        }
        let mut judged = Vec::new();
        let mut trouble = None;
        for (line, text) in some {
            let text = text.map_err(unreadable)?;
            match kind.read(&text).map_err(|why| VerifyFault::Line { path: path.clone(), line, why }) {
                Ok(read) => judged.extend(read),
                Err(fault) => {
                    trouble = Some(fault);
                    break;
                }
            }
        }
        for verdict in kind.judge(judged) {
            console.print_json(&verdict)?;
        }
        if let Some(fault) = trouble {
            return Err(fault.into());
        }
    }
}

/// Who judges.
enum Judging {
    Answers(Kind),
    /// A judge of programs, or why there is none.
    Programs(Result<Judge, CodeFault>),
}

/// The judge of programs. What keeps the programs in is said, and so is what is missing.
fn programs(arguments: &Arguments, console: &Console) -> Result<Judge, CodeFault> {
    let strength = if arguments.allow_weak_sandbox { Strength::Whatever } else { Strength::Needed };
    let judge = Judge::open(strength);
    match &judge {
        Ok(judge) => console.tell(&format!("{}\n", judge.summary())),
        Err(fault) => {
            let hint = fault.hint().map_or_else(String::new, |hint| format!("hint: {hint}\n"));
            console.tell(&format!("warning: {fault}; no program is judged\n{hint}"));
        }
    }
    judge
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let input: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(std::fs::File::open(path)?) };
    Ok(Box::new(BufReader::new(input)))
}

/// A line, read.
struct Asked {
    id: Option<Value>,
    answer: String,
    by: By,
}

/// What an answer is judged by.
enum By {
    Reference(String),
    Tests(Tests),
}

impl Judging {
    /// Lines that are judged together: programs take long, and several run at a time.
    fn at_once(&self) -> usize {
        match self {
            Judging::Answers(_) => 1,
            Judging::Programs(_) => 32,
        }
    }

    /// What stands on a line; nothing if it is empty.
    fn read(&self, line: &str) -> Result<Option<Asked>, String> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let record: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| format!("not a JSON object: {error}"))?;
        let by = match self {
            Judging::Answers(_) => By::Reference(text(&record, "gold")?),
            Judging::Programs(_) => By::Tests(
                Tests::of(&record)?
                    .ok_or("it has no tests: `test` and `entry_point`, `test_list`, or `input_output`")?,
            ),
        };
        Ok(Some(Asked { id: record.get("id").cloned(), answer: text(&record, "answer")?, by }))
    }

    fn judge(&self, asked: Vec<Asked>) -> Vec<Value> {
        let verdicts: Vec<Value> = match self {
            Judging::Answers(kind) => {
                let references = asked.iter().filter_map(|asked| match &asked.by {
                    By::Reference(reference) => Some((reference, &asked.answer)),
                    By::Tests(_) => None,
                });
                let judgements = references.map(|(reference, answer)| kind.judge(reference, answer));
                judgements.map(|it| json!({ "correct": it.correct(), "reason": it.reason() })).collect()
            }
            Judging::Programs(judge) => {
                let tests = asked.iter().filter_map(|asked| match &asked.by {
                    By::Tests(tests) => Some((tests, asked.answer.as_str())),
                    By::Reference(_) => None,
                });
                let items: Vec<(&Tests, &str)> = tests.collect();
                match judge {
                    Ok(judge) => judge.judge_all(&items).iter().map(tested).collect(),
                    Err(fault) => items.iter().map(|_| not_judged(fault)).collect(),
                }
            }
        };
        let with_id = |(asked, mut verdict): (Asked, Value)| {
            if let Some(id) = asked.id {
                verdict["id"] = id;
            }
            verdict
        };
        asked.into_iter().zip(verdicts).map(with_id).collect()
    }
}

fn tested(tested: &Tested) -> Value {
    json!({ "correct": tested.correct(), "reason": tested.reason(), "detail": tested.detail() })
}

fn not_judged(fault: &CodeFault) -> Value {
    json!({ "correct": null, "reason": fault.reason(), "detail": fault.to_string() })
}

fn text(record: &Map<String, Value>, key: &str) -> Result<String, String> {
    match record.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(other) => Err(format!("`{key}` is neither text nor a number: {other}")),
        None => Err(format!("there is no `{key}`")),
    }
}
