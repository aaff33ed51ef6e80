use nouns::Digest;
use serde::{Deserialize, Serialize};

use super::{FileRecord, Stage};

/// The parts that an unfinished stage has committed so far, in `S.parts.json`. The manifest takes
/// its place at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    /// What the parts are parts of: parts made from other inputs are no good.
    pub(crate) fingerprint: Digest,
    /// The parts, sorted by path.
    pub(crate) parts: Vec<FileRecord>,
}

impl Journal {
    /// The journal of a stage, if it has one that makes sense. One that does not costs the parts,
    /// never their truth.
    pub(crate) fn read(stage: &Stage) -> Option<Journal> {
        let bytes = std::fs::read(stage.journal_path()).ok()?;
        let journal: Journal = serde_json::from_slice(&bytes).ok()?;
        journal.parts.iter().all(|part| part.belongs_to(stage.name())).then_some(journal)
    }
}
