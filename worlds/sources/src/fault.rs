use std::io::{self, Read};
use std::path::{Path, PathBuf};

use faults::{Code, Fault};

use crate::code::CodeFault;

/// What can be wrong with a world's name, a data file, or a problem that someone typed.
#[derive(Debug, thiserror::Error)]
pub enum WorldFault {
    /// No world has this name, and no file either.
    #[error("there is no world or data file `{name}`")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The most similar name, if one is similar.
        nearest: Option<&'static str>,
        /// The valid names.
        known: Vec<&'static str>,
    },
    /// A file cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line of a file is not what it should be.
    #[error("{}:{line}: {problem}", .path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        hint: Option<String>,
    },
    /// A table cannot be read, or lacks a column.
    #[error("{}: {problem}", .path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Programs cannot be judged on this machine.
    #[error(transparent)]
    Code(CodeFault),
    /// Some records have tests and others have not.
    #[error("{}: {tested} of {records} records have tests, and the others cannot be judged as programs", .path.display())]
    Mixed {
        /// The file.
        path: PathBuf,
        /// Records with tests.
        tested: usize,
        /// Records in all.
        records: usize,
    },
    /// A file holds no problems.
    #[error("{} holds no tasks", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Too few questions to show as examples.
    #[error("{} has {there} questions that may be shown as examples, and {wanted} are asked for", .path.display())]
    FewExamples {
        /// The file.
        path: PathBuf,
        /// Examples asked for.
        wanted: usize,
        /// Those that there are.
        there: usize,
    },
    /// A system prompt, examples, a template or a pattern for what is not asked in words.
    #[error("`{world}` is not asked in other words: it has {what}")]
    NotPut {
        /// The world or file.
        world: String,
        /// What it has.
        what: &'static str,
    },
    /// Text that was typed is not a problem of the world.
    #[error("`{text}` is not a task of {world}: {problem}")]
    BadTask {
        /// The world.
        world: String,
        /// What was typed.
        text: String,
        /// What is wrong with it.
        problem: String,
        /// A valid example.
        example: String,
    },
}

impl WorldFault {
    /// A line of a file is wrong.
    pub(crate) fn bad_line(path: &Path, line: u64, problem: impl Into<String>, hint: Option<String>) -> Self {
        WorldFault::BadLine { path: path.to_owned(), line, problem: problem.into(), hint }
    }

    /// Typed text is wrong.
    pub(crate) fn bad_task(world: &str, text: &str, problem: String, example: &str) -> Self {
        WorldFault::BadTask {
            world: world.to_owned(),
            text: text.trim().to_owned(),
            problem,
            example: example.to_owned(),
        }
    }
}

impl Fault for WorldFault {
    fn code(&self) -> Code {
        match self {
            WorldFault::Code(fault) => fault.code(),
            _ => Code::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            WorldFault::Unknown { nearest: Some(nearest), known, .. } => Some(format!(
                "Did you mean `{nearest}`? The worlds are {}; a data file is a .jsonl or a .parquet.",
                known.join(", ")
            )),
            WorldFault::Unknown { known, .. } => {
                Some(format!("The worlds are {}; a data file is the path of a .jsonl or a .parquet.", known.join(", ")))
            }
            WorldFault::Unreadable { source, .. } => Some(unreadable_hint(source)),
            WorldFault::BadLine { hint, .. } => hint.clone(),
            WorldFault::Code(fault) => fault.hint(),
            WorldFault::Mixed { .. } => Some("Put them into two files.".to_owned()),
            WorldFault::Table { .. } => Some(
                "Say which columns are meant with `--columns prompt=OWN,answer=OWN`, or write the file anew."
                    .to_owned(),
            ),
            WorldFault::Empty { .. } => Some("Write one task a line.".to_owned()),
            WorldFault::FewExamples { .. } => {
                Some("Ask for fewer, or name another file: `--few-shot FILE:N`.".to_owned())
            }
            WorldFault::NotPut { .. } => {
                Some("System prompts, examples, templates and patterns are for data files of questions.".to_owned())
            }
            WorldFault::BadTask { example, .. } => Some(format!("Type it like this: `{example}`.")),
        }
    }
}

/// What to do about a file that cannot be read.
fn unreadable_hint(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::InvalidData => {
            "It should be JSON lines (UTF-8, plain or gzip) or Parquet; convert other formats first.".to_owned()
        }
        io::ErrorKind::NotFound => "Check the path; it is relative to the current directory.".to_owned(),
        _ => "Check that it is a file and that you may read it.".to_owned(),
    }
}

/// The longest text that is read whole: a device that never ends is none. [bytes]
const LONGEST: u64 = 1 << 30;

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, WorldFault> {
    let mut text = String::new();
    let read = fs_err::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "it is longer than 1 GiB");
    let read = read.and_then(|length| if length as u64 > LONGEST { Err(too_long()) } else { Ok(text) });
    read.map_err(|source| WorldFault::Unreadable { path: path.to_owned(), source })
}
