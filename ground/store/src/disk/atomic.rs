use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Disk, TEMPORARY, parent};
use crate::error::{Error, Result};

impl Disk {
    /// Writes a file whole or not at all; replaces one that is there.
    pub fn write_file(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let unseen = temporary(path);
        let written = self.write_unseen(&unseen, bytes).and_then(|()| self.rename(&unseen, path));
        self.tidy_up(&unseen, written)
    }

    /// Writes a value as indented JSON, whole or not at all.
    pub fn write_json(&self, path: &Path, value: &impl Serialize) -> Result<()> {
        let encoded = serde_json::to_vec_pretty(value);
        let mut bytes = encoded.map_err(|e| Error::Encode { what: "JSON", why: e.to_string() })?;
        bytes.push(b'\n');
        self.write_file(path, &bytes)
    }

    /// Writes a folder of files whole or not at all. Fails if a folder that is not empty has the
    /// name already.
    pub fn write_folder(&self, path: &Path, files: &[(&str, &[u8])]) -> Result<()> {
        let unseen = temporary(path);
        let written = self.write_unseen_folder(&unseen, files).and_then(|()| self.rename(&unseen, path));
        self.tidy_up(&unseen, written)
    }

    fn write_unseen_folder(&self, unseen: &Path, files: &[(&str, &[u8])]) -> Result<()> {
        self.remove(unseen)?;
        self.create_folder(unseen)?;
        files.iter().try_for_each(|(name, bytes)| self.write_unseen(&unseen.join(name), bytes))?;
        self.sync_folder(unseen)
    }

    /// After a failure takes the temporary file away, so that a full disk is not left fuller than
    /// before.
    fn tidy_up(&self, unseen: &Path, written: Result<()>) -> Result<()> {
        if written.is_err() {
            let _ = self.remove(unseen); // the first failure is the one to report
        }
        written
    }
}

/// Where content is written before it gets its final name: beside it, since a rename cannot cross
/// file systems.
fn temporary(path: &Path) -> PathBuf {
    let mut name = OsString::from(TEMPORARY);
    name.push(path.file_name().unwrap_or_default());
    parent(path).join(name)
}
