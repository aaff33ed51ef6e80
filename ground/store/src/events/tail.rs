use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Result};

/// Follows an event stream while another process writes it.
#[derive(Clone, Debug)]
pub struct EventTail {
    path: PathBuf,
    position: u64,
}

impl EventTail {
    /// Begins at the first line. The stream need not exist yet.
    pub fn new(path: &Path) -> Self {
        EventTail { path: path.to_owned(), position: 0 }
    }

    /// The events since the last call: whole lines only, so one that is being written is left for
    /// the next call. Begins again at the first line if the stream was cut, as resuming does. Lines
    /// that are not JSON are left out.
    pub fn poll(&mut self) -> Result<Vec<Value>> {
        let bytes = self.unread().map_err(Error::io("read", &self.path))?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        self.position += whole as u64;
        let lines = bytes[..whole].split(|&byte| byte == b'\n');
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    fn unread(&mut self) -> io::Result<Vec<u8>> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file?,
        };
        if file.metadata()?.len() < self.position {
            self.position = 0;
        }
        file.seek(SeekFrom::Start(self.position))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
