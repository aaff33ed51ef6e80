use faults::Outcome;
use nouns::{Check, Stage, Task, Trace, Unsettled, Verdict};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Takes the environment's own reward for an episode: the sum over its turns. Unsettled where
    /// it gave none.
    pub struct Rewards = "rewards", version 1 {}
}

impl CheckerSettings for Rewards {
    fn build(&self, _: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(self.clone()))
    }

    /// An environment that gives rewards knows what is right.
    fn needs_oracle(&self) -> bool {
        true
    }
}

impl Check for Rewards {
    fn check(&self, _: &Stage, _: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let reward = |trace: &Trace| trace.episode.as_ref()?.reward();
        let verdict = |trace: &Trace| reward(trace).map(Verdict::Graded);
        Ok(traces.iter().map(|trace| verdict(trace).unwrap_or(Verdict::Unsettled(Unsettled::NoReference))).collect())
    }
}
