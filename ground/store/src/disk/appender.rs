use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Disk;
use crate::error::{Error, Result};

/// A file that only grows. Each addition reaches the operating system before the call returns, so a
/// killed process loses nothing it was told is written; at most the last addition is torn.
#[derive(Debug)]
pub struct Appender {
    disk: Disk,
    path: PathBuf,
    file: File,
}

impl Appender {
    /// Opens a file to append to it, after cutting it to its first `keep` bytes; makes it if it is
    /// not there.
    pub fn open(disk: &Disk, path: &Path, keep: u64) -> Result<Self> {
        let open = || OpenOptions::new().append(true).create(true).open(path);
        let file = disk.change("open", path, 1, |_| open())?;
        let length = file.metadata().map_err(Error::io("read", path))?.len();
        let appender = Appender { disk: disk.clone(), path: path.to_owned(), file };
        if length > keep {
            disk.change("cut", path, 0, |_| appender.file.set_len(keep))?;
            appender.sync()?;
        }
        Ok(appender)
    }

    /// Adds bytes at the end.
    pub fn append(&self, bytes: &[u8]) -> Result<()> {
        let mut file = &self.file;
        self.disk.change("append to", &self.path, bytes.len(), |allowed| file.write_all(&bytes[..allowed]))
    }

    /// Waits until everything appended is on the disk: what a power cut leaves.
    pub fn sync(&self) -> Result<()> {
        self.disk.change("flush", &self.path, 0, |_| self.file.sync_data())
    }
}

/// For sinks that write to whatever they are given. Nothing is buffered, so there is nothing to
/// flush.
impl Write for &Appender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes).map_err(Error::into_io)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Appender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
