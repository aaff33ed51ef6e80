use std::path::Path;

use events::Bus;
use faults::Outcome;

use crate::record::Machine;

/// What one reproduction is asked for.
pub struct Reproduce<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text.
    pub source: &'a str,
    /// One seed and the plan's own short settings: the verdicts mean nothing.
    pub quick: bool,
    /// Arms at work at a time, each with its share of the threads; with more than one nothing is
    /// shown live.
    pub jobs: usize,
    /// The folder below which its arms run.
    pub root: &'a Path,
    /// The folder with the data files that plans name.
    pub data: &'a Path,
    /// Where it is measured.
    pub machine: Machine,
}

/// Hands a run its event bus, and clears the display afterwards.
pub type Listening<'a> = dyn Fn(&mut dyn FnMut(&mut Bus) -> Outcome<()>) -> Outcome<()> + 'a;

/// Receives the name of the arm that runs.
pub type Telling<'a> = dyn Fn(&str) + Sync + 'a;
