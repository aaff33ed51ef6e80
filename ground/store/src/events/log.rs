use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::disk::{Appender, Disk};
use crate::error::{Error, Result};

/// Writes the event stream of a run. Clones write the same stream: a sink can own one, and the loop
/// another to [`EventLog::sync`] it.
#[derive(Clone, Debug)]
pub struct EventLog(Arc<Appender>);

/// What opening an event stream found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// Lines that were kept.
    pub kept: usize,
    /// Lines that were cut off: the work they tell of is done again and tells of itself again.
    pub cut: usize,
    /// Whether the last line was torn by a crash.
    pub torn: bool,
}

impl EventLog {
    /// Opens an event stream to go on with it, after cutting it after the last line that
    /// `committed` accepts; makes it if it is not there.
    ///
    /// For the finished stream of a resumed run to be that of an uninterrupted one, write the line
    /// that tells of a stage's end, and [`EventLog::sync`], *before* the stage is committed, and
    /// let `committed` accept such a line if that stage's manifest exists. Then a crash in between
    /// cuts the line off and doing the stage again writes it anew; the other order could lose it.
    pub fn open(disk: &Disk, path: &Path, committed: impl Fn(&Value) -> bool) -> Result<(EventLog, Repair)> {
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(Error::io("read", path))?,
        };
        let (keep, repair) = survey(&bytes, committed);
        Ok((EventLog(Arc::new(Appender::open(disk, path, keep)?)), repair))
    }

    /// Adds an event. It reaches the operating system before this returns.
    pub fn append(&self, event: &impl Serialize) -> Result<()> {
        let encoded = serde_json::to_vec(event);
        let mut line = encoded.map_err(|e| Error::Encode { what: "an event", why: e.to_string() })?;
        line.push(b'\n');
        self.0.append(&line)
    }

    /// Waits until the events are on the disk.
    pub fn sync(&self) -> Result<()> {
        self.0.sync()
    }
}

/// For a sink that encodes events itself: write whole lines, each in one call.
impl Write for EventLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many bytes to keep. A line that is not JSON is never accepted, and never cut from in front
/// of one that is.
fn survey(bytes: &[u8], committed: impl Fn(&Value) -> bool) -> (u64, Repair) {
    let mut repair = Repair::default();
    let (mut keep, mut position, mut lines) = (0, 0, 0);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        position += line.len() as u64;
        lines += 1;
        repair.torn = !line.ends_with(b"\n");
        if !repair.torn && serde_json::from_slice(line).is_ok_and(|event| committed(&event)) {
            (keep, repair.kept) = (position, lines);
        }
    }
    repair.cut = lines - repair.kept;
    (keep, repair)
}
