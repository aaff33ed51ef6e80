//! Which stages of a run are done, and why the next would run.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use events::Bus;
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
