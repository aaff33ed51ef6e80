//! What can be wrong with what was typed, beyond what the parser sees.

use std::io;
use std::path::PathBuf;

use faults::{Code, Fault};

/// A fault of the command line itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliFault {
    /// No method has this name, and no file either.
    #[error("unknown method `{name}`")]
    UnknownMethod { name: String, nearest: Option<String> },
    /// No method has this name, no part and no file either.
    #[error("unknown method or part `{name}`")]
    UnknownMethodOrPart { name: String, nearest: Option<String> },
    /// Settings for a part by itself, which is shown with its defaults.
    #[error("`{name}` is a part, and `--set` changes a setting of a method")]
    SettingsOfPart { name: String },
    /// An adapter for a method that trains no language model; `whole` if it trains something else.
    #[error("--lora: `{method}` trains {}", if *.whole { "no language model" } else { "nothing" })]
    NoAdapter { method: String, whole: bool },
    /// No reproduction has this name.
    #[error("unknown reproduction `{name}`")]
    UnknownReproduction { name: String, nearest: Option<String>, known: Vec<String> },
    /// A recipe file that cannot be read.
    #[error("could not read the recipe `{}`", path.display())]
    RecipeFile { path: PathBuf, source: io::Error },
    /// Standard output does not take what is printed.
    #[error("could not print the result")]
    Print { source: io::Error },
    /// Standard input cannot be read.
    #[error("could not read standard input")]
    Input { source: io::Error },
    /// The terminal cannot be drawn on.
    #[error("could not draw on the terminal")]
    Screen { source: io::Error },
    /// Signals cannot be caught.
    #[error("could not catch Ctrl-C")]
    Signals { source: io::Error },
    /// Nothing to answer.
    #[error("there is no puzzle to answer")]
    NoPuzzle,
    /// Some of several puzzles could not be answered; each has said why.
    #[error("{failed} of {puzzles} puzzles could not be answered")]
    Puzzles { failed: usize, puzzles: usize },
    /// The rival's script did not run to its end.
    #[error("`{} {}` failed: {why}", python.display(), script.display())]
    Rival { python: PathBuf, script: PathBuf, why: String },
    /// One of several parts of a benchmark did not run to its end.
    #[error("`bench --{name}` failed: {why}")]
    Part { name: &'static str, why: String },
    /// A file that results should go to cannot be read.
    #[error("cannot read `{}`", path.display())]
    Output { path: PathBuf, source: io::Error },
    /// A file of more lines than memory holds.
    #[error("`{}` has more lines than fit in memory: {lines} were read", path.display())]
    ManyLines { path: PathBuf, lines: usize },
    /// A file of results that were made from something else.
    #[error("`{}` has other results: line {line} was made from another line, model or settings", path.display())]
    OtherResults { path: PathBuf, line: usize },
    /// Runs that share nothing measured.
    #[error("`{}` and `{}` have no measured items in common", first.display(), other.display())]
    NothingInCommon { first: PathBuf, other: PathBuf },
}

impl Fault for CliFault {
    fn code(&self) -> Code {
        match self {
            CliFault::UnknownMethod { .. }
            | CliFault::UnknownMethodOrPart { .. }
            | CliFault::SettingsOfPart { .. }
            | CliFault::NoAdapter { .. }
            | CliFault::UnknownReproduction { .. }
            | CliFault::RecipeFile { .. } => Code::Recipe,
            CliFault::NoPuzzle | CliFault::Puzzles { .. } | CliFault::NothingInCommon { .. } => Code::Data,
            CliFault::Print { .. }
            | CliFault::Input { .. }
            | CliFault::Output { .. }
            | CliFault::OtherResults { .. } => Code::Store,
            CliFault::ManyLines { .. } => Code::Memory,
            CliFault::Screen { .. } | CliFault::Signals { .. } => Code::Internal,
            CliFault::Rival { .. } | CliFault::Part { .. } => Code::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            CliFault::UnknownMethod { nearest: Some(nearest), .. } => {
                format!("Did you mean `{nearest}`? `autodidact list` shows every method.")
            }
            CliFault::UnknownMethodOrPart { nearest: Some(nearest), .. } => {
                format!("Did you mean `{nearest}`? `autodidact list --all` shows every method and part.")
            }
            CliFault::UnknownMethodOrPart { .. } => {
                "`autodidact list --all` shows every method and part; the path of a `.toml` file will do too.".into()
            }
            CliFault::SettingsOfPart { .. } => {
                "Name the method: `autodidact explain METHOD --set PATH.TO.KEY=VALUE`.".into()
            }
            CliFault::NoAdapter { whole: true, .. } => {
                "A score head or a classifier is trained with all its weights: leave `--lora` out.".into()
            }
            CliFault::NoAdapter { whole: false, .. } => "Leave `--lora` out.".into(),
            CliFault::UnknownReproduction { nearest: Some(nearest), .. } => format!("Did you mean `{nearest}`?"),
            CliFault::UnknownReproduction { known, .. } => format!("The reproductions are {}.", known.join(", ")),
            CliFault::UnknownMethod { .. } => {
                "`autodidact list` shows every method; the path of a `.toml` file will do too.".into()
            }
            CliFault::RecipeFile { .. } => "Check the path; `autodidact list` shows the methods.".into(),
            CliFault::NoPuzzle => "Type one after the run, or give a file with `--from FILE`.".into(),
            CliFault::Rival { .. } => {
                "benches/README.md says how to set it up; run it from the repository's root.".into()
            }
            CliFault::Part { .. } => "What it said stands above.".into(),
            CliFault::Output { .. } => "Check the path and who may write there.".into(),
            CliFault::ManyLines { .. } => "Split the file.".into(),
            CliFault::OtherResults { .. } => "Name another file with --out, or move this one away.".into(),
            CliFault::NothingInCommon { .. } => "Compare runs on the same world or data set.".into(),
            CliFault::Screen { .. } => "`autodidact watch RUN --plain` prints lines instead.".into(),
            CliFault::Print { .. } | CliFault::Input { .. } | CliFault::Signals { .. } | CliFault::Puzzles { .. } => {
                return None;
            }
        })
    }
}
