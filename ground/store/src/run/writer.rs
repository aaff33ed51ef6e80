use std::ops::Deref;
use std::path::Path;

use serde_json::Value;

use super::RunFolder;
use super::environment::heal;
use super::sweep::sweep;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::events::{EventLog, Repair};
use crate::lock::Lock;
use crate::media;
use crate::stage::{Draft, Inputs, Stage};

/// A run, for writing: this process has its lock until the value is dropped.
#[derive(Debug)]
pub struct RunWriter {
    folder: RunFolder,
    disk: Disk,
    lock: Lock,
}

impl RunFolder {
    /// Opens a run to go on with it: takes its lock and sweeps away what a crash left unfinished.
    pub fn open(disk: Disk, path: &Path) -> Result<RunWriter> {
        let folder = RunFolder::read_only(path)?;
        let lock = Lock::take(&disk, path)?;
        sweep(&disk, &folder)?;
        heal(&disk, path)?;
        Ok(RunWriter::new(folder, disk, lock))
    }
}

impl RunWriter {
    pub(super) fn new(folder: RunFolder, disk: Disk, lock: Lock) -> Self {
        RunWriter { folder, disk, lock }
    }

    /// Begins a stage with these inputs: good parts of an interrupted run of the same inputs are
    /// kept, every other earlier output of the stage goes. Ask [`Stage::verified_status`] first: a
    /// stage that is done need not be begun.
    pub fn begin(&self, stage: &Stage, inputs: &Inputs) -> Result<Draft<'_>> {
        self.lock.refuse_moved()?;
        Draft::begin(&self.disk, stage, inputs)
    }

    /// Refuses to go on where the folder was moved or removed since it was opened.
    pub fn refuse_moved(&self) -> Result<()> {
        self.lock.refuse_moved()
    }

    /// Copies a finished stage of another run to its place in this one, the manifest last. Whether
    /// it serves here is for [`Stage::verified_status`] to say.
    pub fn adopt(&self, from: &Stage) -> Result<()> {
        let Ok(manifest) = from.manifest() else { return Ok(()) };
        let to = self.stage(from.round(), from.name());
        for file in &manifest.files {
            let path = to.round_folder().join(&file.path);
            let source = from.round_folder().join(&file.path);
            let bytes = std::fs::read(&source).map_err(Error::io("read", &source))?;
            path.parent().map_or(Ok(()), |folder| self.disk.create_folder(folder))?;
            self.disk.write_file(&path, &bytes)?;
        }
        if let Some(run) = from.round_folder().parent() {
            media::adopt(&self.disk, run, self.path())?;
        }
        self.disk.write_json(&to.manifest_path(), &manifest)
    }

    /// Opens the event stream and cuts it after the last line that `committed` accepts: see
    /// [`EventLog::open`].
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
