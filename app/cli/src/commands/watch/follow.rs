//! The record of a run as it grows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use events::{Event, Line};
use faults::Outcome;
use store::{EventTail, LOCK, RunFolder};

/// How long to wait between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// Reads the record of a run, and knows when nothing more will come.
pub(super) struct Follower {
    tail: EventTail,
    lock: PathBuf,
    has_ended: bool,
    is_idle: bool,
}

impl Follower {
    pub(super) fn new(run: &Path) -> Outcome<Self> {
        let folder = RunFolder::read_only(run)?;
        let tail = EventTail::new(&folder.events_path());
        Ok(Follower { tail, lock: run.join(LOCK), has_ended: false, is_idle: false })
    }

    /// What happened since the last look.
    pub(super) fn poll(&mut self) -> Outcome<Vec<Line>> {
        let nobody_works = self.nobody_works();
        let lines: Vec<Line> =
            self.tail.poll()?.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect();
        self.has_ended |= lines.iter().any(|line| matches!(line.event, Event::Ended { .. }));
        self.is_idle = nobody_works && lines.is_empty();
        Ok(lines)
    }

    /// Whether nothing more will come: the run has ended, or no process works on it.
    pub(super) fn is_over(&self) -> bool {
        self.has_ended || self.is_idle
    }

    /// The lock file is empty while no process has the run open.
    fn nobody_works(&self) -> bool {
        self.lock.metadata().map_or(true, |lock| lock.len() == 0)
    }
}
