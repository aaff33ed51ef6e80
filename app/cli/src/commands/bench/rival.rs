//! Runs a rival's script, which prints one JSON object.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use faults::Outcome;
use serde_json::Value;

use crate::fault::CliFault;

pub(super) struct Rival<'a> {
    pub(super) python: &'a Path,
    pub(super) script: PathBuf,
    pub(super) sizes: Vec<&'static str>,
    /// Whether it is to use a GPU.
    pub(super) card: bool,
}

impl Rival<'_> {
    pub(super) fn says(&self, quick: bool) -> Outcome<Value> {
        let card = self.card.then_some(["--device", "cuda"]).into_iter().flatten();
        let mut command = Command::new(self.python);
        command.arg(&self.script).args(quick.then_some("--quick")).args(card).arg("--sizes").args(&self.sizes);
        let failed = |why: String| CliFault::Rival { python: self.python.to_owned(), script: self.script.clone(), why };
        let output = command.stderr(Stdio::inherit()).output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(output.status.to_string()).into());
        }
        Ok(serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?)
    }
}
