//! One reproduction, from its text to its record.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use events::Bus;
use faults::Outcome;

use crate::arms::Arms;
use crate::judge::judge;
use crate::plan::Plan;
use crate::record::{Machine, Record};

/// Every reproduction on board, by name.
const REPRODUCTIONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/reproductions.rs"));

/// The reproductions embedded in the binary: name and source.
pub fn reproductions() -> &'static [(&'static str, &'static str)] {
    REPRODUCTIONS
}

/// What one reproduction is asked for.
pub struct Reproduce<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text.
    pub source: &'a str,
    /// One seed and the plan's own short settings: the verdicts mean nothing.
    pub quick: bool,
    /// Arms at work at a time, each with its share of the threads; with more than one nothing is shown live.
    pub jobs: usize,
    /// The folder below which its arms run.
    pub root: &'a Path,
    /// Where it is measured.
    pub machine: Machine,
}

/// Hands a run the bus that it tells its events to, and takes the display off afterwards.
pub type Listening<'a> = dyn Fn(&mut dyn FnMut(&mut Bus) -> Outcome<()>) -> Outcome<()> + 'a;

/// Hears which arm is at work.
pub type Telling<'a> = dyn Fn(&str) + Sync + 'a;

impl Reproduce<'_> {
    /// Runs what is not there yet, and judges. `told` hears which arm is at work.
    pub fn run(&self, stop: &AtomicBool, told: &Telling, listening: &Listening) -> Outcome<Record> {
        let file = format!("reproductions/{}.toml", self.name);
        let (plan, _) = ::recipe::read::<Plan>(&file, self.source, &[])?;
        plan.refuse_unknown_arms(self.name)?;
        let seeds: Vec<u64> =
            if self.quick { plan.seeds.iter().take(1).copied().collect() } else { plan.seeds.clone() };
        let root = self.root.join(self.name);
        let arms = Arms { plan: &plan, seeds: &seeds, quick: self.quick, root: &root, jobs: self.jobs };
        let runs = arms.run(stop, told, listening)?;
        Ok(judge(self, &plan, seeds, runs))
    }
}
