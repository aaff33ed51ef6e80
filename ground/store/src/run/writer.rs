use std::ops::Deref;
use std::path::Path;

use serde_json::Value;

use super::RunFolder;
use super::sweep::sweep;
use crate::disk::Disk;
use crate::error::Result;
use crate::events::{EventLog, Repair};
use crate::lock::Lock;
use crate::stage::{Draft, Inputs, Stage};

/// A run, for writing: this process has its lock until the value is dropped.
#[derive(Debug)]
pub struct RunWriter {
    folder: RunFolder,
    disk: Disk,
    _lock: Lock,
}

impl RunFolder {
    /// Opens a run to go on with it: takes its lock and sweeps away what a crash left unfinished.
    pub fn open(disk: Disk, path: &Path) -> Result<RunWriter> {
        let folder = RunFolder::read_only(path)?;
        let lock = Lock::take(&disk, path)?;
        sweep(&disk, &folder)?;
        Ok(RunWriter::new(folder, disk, lock))
    }
}

impl RunWriter {
    pub(super) fn new(folder: RunFolder, disk: Disk, lock: Lock) -> Self {
        RunWriter { folder, disk, _lock: lock }
    }

    /// Begins a stage with these inputs: good parts of an interrupted run of the same inputs are kept, every other
    /// earlier output of the stage goes. Ask [`Stage::verified_status`] first: a stage that is done need not be begun.
    pub fn begin(&self, stage: &Stage, inputs: &Inputs) -> Result<Draft<'_>> {
        Draft::begin(&self.disk, stage, inputs)
    }

    /// Opens the event stream and cuts it after the last line that `committed` accepts: see [`EventLog::open`].
    pub fn events(&self, committed: impl Fn(&Value) -> bool) -> Result<(EventLog, Repair)> {
        EventLog::open(&self.disk, &self.events_path(), committed)
    }

    /// The disk it writes to, for files that belong to no stage.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }
}

impl Deref for RunWriter {
    type Target = RunFolder;

    fn deref(&self) -> &RunFolder {
        &self.folder
    }
}
