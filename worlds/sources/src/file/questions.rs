//! Questions of single rows, put as those of a data file are, whether they have an answer or not.

use std::path::{Path, PathBuf};

use nouns::Turn;

use super::putting::Putting;
use super::records::{folder_of, parse};
use crate::fault::WorldFault;
use crate::options::Options;
use crate::rows::Row;

/// How the questions of a file's rows are put.
pub struct Questions {
    path: PathBuf,
    options: Options,
    putting: Putting,
}

impl Questions {
    /// For the rows of this file. Solved questions that are shown must come from another: of these
    /// rows every one is asked.
    pub fn of(path: &Path, options: &Options) -> Result<Questions, WorldFault> {
        let few = options.prompting.few_shot.as_ref();
        if let Some(wanted) = few.filter(|few| few.from.is_none()).and_then(|few| few.count) {
            return Err(WorldFault::FewExamples { path: path.to_owned(), wanted, there: 0 });
        }
        let putting = Putting::of(path, options, String::new(), &mut Vec::new())?;
        Ok(Questions { path: path.to_owned(), options: options.clone(), putting })
    }

    /// What a row asks, with all that is said before it.
    pub fn put(&self, row: &Row) -> Result<Vec<Turn>, WorldFault> {
        let bad = |problem| WorldFault::bad_line(&self.path, row.number, problem, None);
        parse(&row.text, &self.options, folder_of(&self.path)).map(|record| self.putting.prompt(&record)).map_err(bad)
    }
}
