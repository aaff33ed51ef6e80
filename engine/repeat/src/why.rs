//! Which stages of a run are done, and why the next would run.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use events::{Bus, Event, read_lines};
use faults::{Code, Outcome};
use store::RunFolder;

use crate::run::{walk, written_down};
use crate::stages::{Line, Stages};

/// Every stage in order up to the first that would run, with the reason. Nothing is changed.
pub fn why(path: &Path) -> Outcome<Vec<Line>> {
    let run = RunFolder::read_only(path)?;
    let (_, options) = written_down(&run)?;
    let (bus, stop) = (Bus::silent(), AtomicBool::new(false));
    let mut stages = Stages::new(&run, None, &bus, None, &stop, options.seed);
    match walk(&run, &mut stages) {
        Err(failure) if failure.code() != Code::Internal => Err(failure),
        _ => Ok(stages.lines),
    }
}

/// The stages that are done and of which the run's record of events says nothing: it was cut off or
/// edited, and what is made of it (`watch`, charts of a report) lacks them. The stages' own outputs
/// are whole.
pub fn unrecorded(path: &Path, lines: &[Line]) -> Vec<(u32, String)> {
    let record =
        std::fs::read_to_string(RunFolder::read_only(path).map_or_else(|_| path.to_owned(), |run| run.events_path()));
    let record = record.unwrap_or_default();
    let told: BTreeSet<(u32, String)> = read_lines(&record)
        .filter_map(|line| match line.event {
            Event::StageFinished { round, stage, .. } => Some((round, stage)),
            _ => None,
        })
        .collect();
    let done = lines.iter().filter(|line| line.done).map(|line| (line.round, line.stage.clone()));
    done.filter(|stage| !told.contains(stage)).collect()
}
