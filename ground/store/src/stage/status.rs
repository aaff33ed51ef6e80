use std::path::Path;

use super::draft::is_part;
use super::{FileRecord, Inputs, Journal, Manifest, Reason, Stage};

/// Whether a stage's output serves for given inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// It does.
    Done(Box<Manifest>),
    /// It is whole, and was made from something else.
    Stale(Reason),
    /// There is none.
    Missing(Reason),
    /// There was one, and it is not what was written.
    Damaged(Reason),
}

impl Status {
    /// Why the stage has to run; `None` if it need not.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Status::Done(_) => None,
            Status::Stale(reason) | Status::Missing(reason) | Status::Damaged(reason) => Some(reason),
        }
    }
}

impl Stage {
    /// Whether the output serves for these inputs, at first sight: manifest, inputs, and the files'
    /// lengths.
    pub fn status(&self, inputs: &Inputs) -> Status {
        self.status_by(inputs, FileRecord::look)
    }

    /// The same after reading every file: what `resume` asks of the stages it will reuse.
    pub fn verified_status(&self, inputs: &Inputs) -> Status {
        self.status_by(inputs, FileRecord::verify)
    }

    /// Reads every file of the output, whatever its inputs were, and says what is wrong with it.
    pub fn verify(&self) -> Result<Manifest, Reason> {
        let manifest = self.manifest()?;
        match self.first_fault(&manifest, FileRecord::verify) {
            Some(reason) => Err(reason),
            None => Ok(manifest),
        }
    }

    fn status_by(&self, inputs: &Inputs, check: fn(&FileRecord, &Path) -> Option<Reason>) -> Status {
        let manifest = match self.manifest() {
            Ok(manifest) => manifest,
            Err(Reason::NeverRan) => return Status::Missing(self.how_far()),
            Err(reason) => return Status::Damaged(reason),
        };
        if let Some(change) = inputs.changes_since(&manifest.inputs).into_iter().next() {
            return Status::Stale(change);
        }
        match self.first_fault(&manifest, check) {
            Some(reason) => Status::Damaged(reason),
            None => Status::Done(Box::new(manifest)),
        }
    }

    fn first_fault(&self, manifest: &Manifest, check: fn(&FileRecord, &Path) -> Option<Reason>) -> Option<Reason> {
        manifest.files.iter().find_map(|file| check(file, self.round_folder()))
    }

    /// Whether a stage without a manifest was begun.
    fn how_far(&self) -> Reason {
        match Journal::read(self) {
            Some(journal) => {
                Reason::Interrupted { parts: journal.parts.iter().filter(|file| is_part(&file.path)).count() }
            }
            None => Reason::NeverRan,
        }
    }
}
