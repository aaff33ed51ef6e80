//! The answers that are kept: JSON lines, a file for each model and task set.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use evaluate::Answered;
use faults::Outcome;
use serde_json::json;
use store::{Appender, Disk};

/// A folder of answers.
pub(crate) struct Kept {
    folder: PathBuf,
    taken: HashSet<String>,
}

impl Kept {
    /// Makes the folder if it is not there.
    pub(crate) fn in_folder(folder: &Path) -> Outcome<Kept> {
        Disk::real().create_folder(folder)?;
        Ok(Kept { folder: folder.to_owned(), taken: HashSet::new() })
    }

    /// The empty file for a model on a task set: what an earlier evaluation left there is gone.
    pub(crate) fn file(&mut self, model: &Path, on: &str) -> Outcome<Appender> {
        let stem = format!("{}-{}", plain(&model.to_string_lossy()), plain(on));
        let names = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
        let name = names.into_iter().find(|name| self.taken.insert(name.clone())).unwrap_or(stem);
        Ok(Appender::open(&Disk::real(), &self.folder.join(format!("{name}.jsonl")), 0)?)
    }
}

/// The last part of a path in letters that every file system takes.
fn plain(path: &str) -> String {
    let last = Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    let stem = last.trim_end_matches(".gz").trim_end_matches(".jsonl").trim_end_matches(".parquet");
    stem.chars().map(|letter| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '_' }).collect()
}

/// Adds what was answered to a task.
pub(crate) fn write(file: &Appender, answered: &Answered) -> Outcome<()> {
    Ok(file.append(format!("{}\n", json!(answered)).as_bytes())?)
}
