//! `verify`: compare answers with references, line by line.

mod lines;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use answers::Kind;
use clap::Args;
use faults::{Code, Fault, Outcome};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sources::Strength;
use sources::code::{CodeFault, Judge, Tested, Tests};

use crate::console::Console;

/// Compare answers with references: JSON lines in, verdicts with reasons out.
///
/// A line is {"gold": "…", "answer": "…"}; the answer may be a whole response. What comes out is
/// {"correct": true, false or null, "reason": "…", "read": "…"}, null where it cannot be told;
/// `read` is what said where the answer is. An `id` is repeated. A line that cannot be read has the
/// verdict null, and the command ends with status 4. Kinds: `math` (equivalence), `exact` (letter
/// for letter), `number` and `gsm8k` (the one number that each gives), `choice` (the letter),
/// `code` (a program and its tests).
///
/// For `code` a line has tests instead of "gold", as HumanEval ("prompt", "test", "entry_point"),
/// MBPP ("test_list") or APPS ("input_output") write them. Programs run with `python3` in a
/// sandbox.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// How answers are compared: math, exact, number, choice, gsm8k or code.
    kind: String,
    /// JSON lines; `-` reads standard input.
    file: PathBuf,
    /// Run the programs of coding tasks even if this machine cannot confine them (no Landlock or
    /// seccomp).
    #[arg(long)]
    allow_weak_sandbox: bool,
    /// Stop at the first line that cannot be read, and say its number.
    #[arg(long)]
    strict: bool,
    /// Changes nothing: the verdicts are JSON lines already.
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
    #[error("unknown kind of answer `{word}`")]
    Kind { word: String },
    #[error("cannot read `{}`", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}:{line}: {why}", shown(path))]
    Line { path: PathBuf, line: u64, why: String },
}

impl Fault for VerifyFault {
    fn code(&self) -> Code {
        match self {
            VerifyFault::Kind { .. } => Code::Usage,
            VerifyFault::Unreadable { .. } | VerifyFault::Line { .. } => Code::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            VerifyFault::Kind { .. } => {
                format!("The kinds are {} and code.", Kind::ALL.map(Kind::word).join(", "))
            }
            VerifyFault::Unreadable { .. } => "Check the path; `-` reads standard input.".to_owned(),
            VerifyFault::Line { .. } => r#"Write one object a line: {"gold": "…", "answer": "…"}."#.to_owned(),
        })
    }
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let kind = match arguments.kind.as_str() {
        "code" => Judging::Programs(Box::new(programs(arguments, console))),
        word => {
            let unknown = |_| VerifyFault::Kind { word: word.to_owned() };
            Judging::Answers(word.parse().map_err(unknown)?)
        }
    };
    let path = &arguments.file;
    let mut lines = lines::open(path).map_err(|source| VerifyFault::Unreadable { path: path.clone(), source })?;
    let (mut judged, mut unread) = (0, 0);
    loop {
        let some: Vec<_> = lines.by_ref().take(kind.at_once()).collect();
        if some.is_empty() {
            break;
        }
        let read: Vec<Asked> = some.into_iter().map(|(line, text)| kind.read(line, text)).collect();
        let bad = read.iter().position(|asked| matches!(asked.by, By::Nothing { .. }));
        let end = if arguments.strict { bad.unwrap_or(read.len()) } else { read.len() };
        for verdict in kind.judge(&read[..end]) {
            console.print_json(&verdict)?;
        }
        judged += end;
        for asked in &read {
            let By::Nothing { line, why } = &asked.by else { continue };
            let fault = VerifyFault::Line { path: path.clone(), line: *line, why: why.clone() };
            if arguments.strict {
                return Err(fault.into());
            }
            unread += 1;
            if unread <= SAID {
                console.tell(&format!("warning: {fault}\n"));
            }
        }
    }
    if unread == 0 {
        return Ok(0);
    }
    console.tell(&format!("warning: {unread} of {judged} lines could not be read; their verdicts are null\n"));
    Ok(Code::Data.exit_status())
}

/// A path in messages; `-` is standard input.
fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".into() } else { path.display().to_string() }
}

/// Unreadable lines that are reported one by one; the others are only counted.
const SAID: usize = 5;

/// Who judges.
enum Judging {
    Answers(Kind),
    /// A judge of programs, or why there is none.
    Programs(Box<Result<Judge, CodeFault>>),
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
    /// By nothing: why the line cannot be read.
    Nothing {
        line: u64,
        why: String,
    },
}

impl Judging {
    /// Lines that are judged together: programs take long, and several run at a time.
    fn at_once(&self) -> usize {
        match self {
            Judging::Answers(_) => 1,
            Judging::Programs(_) => 32,
        }
    }

    /// What stands on a line.
    fn read(&self, line: u64, text: Result<String, String>) -> Asked {
        let mut id = None;
        match text.and_then(|text| self.fields(&text, &mut id)) {
            Ok((answer, by)) => Asked { id, answer, by },
            Err(why) => Asked { id, answer: String::new(), by: By::Nothing { line, why } },
        }
    }

    fn fields(&self, line: &str, id: &mut Option<Value>) -> Result<(String, By), String> {
        let bad = |error| format!("not a JSON object: {error}");
        let record: BTreeMap<String, &RawValue> = serde_json::from_str(line).map_err(bad)?;
        *id = record.get("id").and_then(|id| serde_json::from_str(id.get()).ok());
        let by = match self {
            Judging::Answers(_) => By::Reference(text(&record, "gold")?),
            Judging::Programs(_) => {
                let tests = Tests::read(line)?;
                By::Tests(tests.ok_or("it has no tests: `test` and `entry_point`, `test_list`, or `input_output`")?)
            }
        };
        Ok((text(&record, "answer")?, by))
    }

    fn judge(&self, asked: &[Asked]) -> Vec<Value> {
        let mut verdicts: Vec<Value> = asked.iter().map(|asked| self.judge_alone(asked)).collect();
        if let Judging::Programs(judge) = self {
            let places = asked.iter().enumerate().filter_map(|(place, asked)| match &asked.by {
                By::Tests(tests) => Some((place, (tests, asked.answer.as_str()))),
                By::Reference(_) | By::Nothing { .. } => None,
            });
            let (places, items): (Vec<usize>, Vec<(&Tests, &str)>) = places.unzip();
            let judged: Vec<Value> = match &**judge {
                Ok(judge) => judge.judge_all(&items).iter().map(tested).collect(),
                Err(fault) => items.iter().map(|_| not_judged(fault)).collect(),
            };
            places.into_iter().zip(judged).for_each(|(place, verdict)| verdicts[place] = verdict);
        }
        for (verdict, asked) in verdicts.iter_mut().zip(asked) {
            if let Some(id) = &asked.id {
                verdict["id"] = id.clone();
            }
        }
        verdicts
    }

    /// The verdict on a line that needs no program to be run.
    fn judge_alone(&self, asked: &Asked) -> Value {
        match (&asked.by, self) {
            (By::Reference(reference), Judging::Answers(kind)) => {
                let judged = kind.judged(reference, &asked.answer);
                let mut verdict = json!({ "correct": judged.correct(), "reason": judged.reason() });
                if let Some(mark) = judged.mark {
                    verdict["read"] = mark.word().into();
                }
                verdict
            }
            (By::Nothing { why, .. }, _) => json!({ "correct": null, "reason": "unreadable-line", "detail": why }),
            _ => Value::Null,
        }
    }
}

fn tested(tested: &Tested) -> Value {
    json!({ "correct": tested.correct(), "reason": tested.reason(), "detail": tested.detail() })
}

fn not_judged(fault: &CodeFault) -> Value {
    json!({ "correct": null, "reason": fault.reason(), "detail": fault.to_string() })
}

/// A field that is a text, or a number: its digits as they stand, however many.
fn text(record: &BTreeMap<String, &RawValue>, key: &str) -> Result<String, String> {
    let raw = record.get(key).ok_or_else(|| format!("there is no `{key}`"))?.get();
    match raw.bytes().next() {
        Some(b'"') => serde_json::from_str(raw).map_err(|error| format!("`{key}` is no text: {error}")),
        Some(b'-' | b'0'..=b'9') => Ok(raw.to_owned()),
        _ => Err(format!("`{key}` is neither text nor a number: {raw}")),
    }
}
