//! One reproduction, from its text to its record.

use std::sync::atomic::AtomicBool;

use faults::Outcome;

use crate::arms::Arms;
use crate::asked::{Listening, Reproduce, Telling};
use crate::judge::judge;
use crate::plan::Plan;
use crate::record::Record;

/// Every embedded reproduction, by name.
const REPRODUCTIONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/reproductions.rs"));

/// The reproductions embedded in the binary: name and source.
pub fn reproductions() -> &'static [(&'static str, &'static str)] {
    REPRODUCTIONS
}

/// Whether a reproduction begins with a model that must be there before.
pub fn is_real(source: &str) -> bool {
    ::recipe::read::<Plan>("a reproduction", source, &[]).is_ok_and(|(plan, _)| plan.model.is_some())
}

impl Reproduce<'_> {
    /// Runs what is not there yet, and judges. `told` hears which arm is at work.
    pub fn run(&self, stop: &AtomicBool, told: &Telling, listening: &Listening) -> Outcome<Record> {
        let file = format!("reproductions/{}.toml", self.name);
        let (plan, _) = ::recipe::read::<Plan>(&file, self.source, &[])?;
        plan.refuse_unknown_arms(self.name)?;
        let seeds: Vec<u64> =
            if self.quick { plan.seeds.iter().take(1).copied().collect() } else { plan.seeds.clone() };
        let root = self.root.join(self.name);
        let arms =
            Arms { plan: &plan, seeds: &seeds, quick: self.quick, root: &root, jobs: self.jobs, data: self.data };
        let runs = arms.run(stop, told, listening)?;
        Ok(judge(self, &plan, seeds, runs))
    }
}
