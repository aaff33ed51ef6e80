use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::holder::Holder;

/// The lock file of a run. Its content only serves messages; it is empty whenever no process has
/// the run open or the last one closed it, so that finished folders are alike.
pub const LOCK: &str = ".lock";

/// The right to write into a run. The operating system holds it for as long as the file is open,
/// and so takes it back from a process that crashes: no lock is ever stale.
#[derive(Debug)]
pub(crate) struct Lock {
    disk: Disk,
    file: File,
    folder: PathBuf,
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(disk: &Disk, folder: &Path) -> Result<Lock> {
        let path = folder.join(LOCK);
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = disk.change("open", &path, 1, |_| open())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(folder, &mut file)),
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", &path)(source)),
        }
        let lock = Lock { disk: disk.clone(), file, folder: folder.to_owned() };
        lock.sign(&serde_json::to_vec(&Holder::me()).unwrap_or_default())?;
        Ok(lock)
    }

    /// Refuses to go on where the folder is not the one that was locked any more: it was moved or
    /// removed, and what is written by its name would be the beginning of another run.
    #[cfg(unix)]
    pub(crate) fn refuse_moved(&self) -> Result<()> {
        use std::os::unix::fs::MetadataExt;
        let path = self.folder.join(LOCK);
        let own = self.file.metadata().map_err(Error::io("look at", &path))?;
        let same = std::fs::metadata(&path).is_ok_and(|there| (there.dev(), there.ino()) == (own.dev(), own.ino()));
        if same { Ok(()) } else { Err(Error::Moved { folder: self.folder.clone() }) }
    }

    #[cfg(not(unix))]
    pub(crate) fn refuse_moved(&self) -> Result<()> {
        Ok(())
    }

    fn sign(&self, content: &[u8]) -> Result<()> {
        let mut file = &self.file;
        self.disk.change("write", &self.folder.join(LOCK), content.len(), |allowed| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&content[..allowed])
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.refuse_moved().is_ok() {
            let _ = self.sign(b""); // a courtesy to readers
        }
        let _ = self.file.unlock(); // closing would do, were it not for a child that is just being started
    }
}

fn busy(folder: &Path, file: &mut File) -> Error {
    let mut content = String::new();
    let read = file.read_to_string(&mut content).ok();
    let holder = read.and_then(|_| serde_json::from_str(&content).ok());
    Error::Busy { folder: folder.to_owned(), holder }
}
