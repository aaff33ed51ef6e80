//! The only place where this project changes the file system.
//!
//! Whatever stands under a final name is whole: content goes to a temporary name in the same
//! folder, is flushed to the disk, and is then renamed. Temporary names begin with [`TEMPORARY`]; a
//! crash may leave some, and opening the run for writing sweeps them away.

mod appender;
mod atomic;
mod faulty;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

pub use appender::Appender;
pub use faulty::{Failing, Faulty};

use crate::error::{Error, Result};

/// What the names of unfinished files and folders begin with.
pub const TEMPORARY: &str = ".tmp-";

/// Access to the file system, or to one that fails on purpose.
#[derive(Clone, Debug, Default)]
pub struct Disk(Option<Arc<Faulty>>);

impl Disk {
    /// The file system as it is.
    pub fn real() -> Self {
        Disk(None)
    }

    /// The file system with a failure in it, for tests.
    pub fn faulty(faulty: Arc<Faulty>) -> Self {
        Disk(Some(faulty))
    }

    /// Makes a folder and those above it.
    pub fn create_folder(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        self.change("create", path, 1, |_| fs::create_dir_all(path))?;
        self.sync_folder(parent(path))
    }

    /// Makes one folder that must not exist yet; `false` if it does.
    pub(crate) fn create_new_folder(&self, path: &Path) -> Result<bool> {
        match self.change("create", path, 1, |_| fs::create_dir(path)) {
            Ok(()) => self.sync_folder(parent(path)).map(|()| true),
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a file or a whole folder; it is no failure if nothing is there.
    pub fn remove(&self, path: &Path) -> Result<()> {
        let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
        self.change("remove", path, 0, |_| match metadata.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        })
    }

    /// Writes and flushes a file that is not visible yet: it has a temporary name.
    fn write_unseen(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.change("write", path, bytes.len(), |allowed| File::create(path)?.write_all(&bytes[..allowed]))?;
        self.change("flush", path, 0, |_| File::open(path)?.sync_all())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.change("rename to", to, 0, |_| fs::rename(from, to))?;
        self.sync_folder(parent(to))
    }

    /// A rename or removal lasts through a power cut only when its folder is flushed too. (Unix;
    /// elsewhere folders cannot be opened, and the file system's journal has to do.)
    pub(crate) fn sync_folder(&self, path: &Path) -> Result<()> {
        if cfg!(not(unix)) {
            return Ok(());
        }
        self.change("flush", path, 0, |_| File::open(path)?.sync_all())
    }

    /// One change of the file system, which a faulty disk may refuse or, if it writes, let through
    /// in part: `act` is told how many of the `bytes` it may write.
    pub(crate) fn change<T>(
        &self,
        operation: &'static str,
        path: &Path,
        bytes: usize,
        act: impl FnOnce(usize) -> io::Result<T>,
    ) -> Result<T> {
        let outcome = match &self.0 {
            None => act(bytes),
            Some(faulty) => faulty.change(bytes, act),
        };
        outcome.map_err(Error::io(operation, path))
    }
}

/// The folder that holds a path.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
