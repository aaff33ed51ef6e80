use std::path::PathBuf;

use super::RunFolder;
use crate::stage::{Manifest, Reason};

/// The stage that writes models.
const LEARNED: &str = "learned";

/// A model that is whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The round that made it.
    pub round: u32,
    /// Its folder, as the model library reads it.
    pub folder: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
}

/// The newest good model, and what was passed over on the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fallback {
    /// The model, if there is one.
    pub model: Option<Checkpoint>,
    /// Rounds whose model is damaged, newest first, and what is wrong with each. Not empty means:
    /// tell the person.
    pub damaged: Vec<(u32, Reason)>,
}

impl RunFolder {
    /// The newest model of round `round` or an earlier one that `eligible` accepts (the gate may
    /// have refused some) and whose files all hold what was written.
    pub fn last_good_model(&self, round: u32, eligible: impl Fn(u32) -> bool) -> Fallback {
        let mut damaged = Vec::new();
        for round in (0..=round).rev().filter(|&round| eligible(round)) {
            match self.checkpoint(round) {
                Ok(model) => return Fallback { model: Some(model), damaged },
                Err(Reason::NeverRan) => {}
                Err(reason) => damaged.push((round, reason)),
            }
        }
        Fallback { model: None, damaged }
    }

    fn checkpoint(&self, round: u32) -> Result<Checkpoint, Reason> {
        let stage = self.stage(round, LEARNED);
        Ok(Checkpoint { round, folder: stage.folder(), manifest: stage.verify()? })
    }
}
