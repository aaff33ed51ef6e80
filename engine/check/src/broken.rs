//! What no checker gives a verdict on: an episode that broke off.

use faults::Outcome;
use nouns::{Check, Stage, Task, Trace, Verdict};

/// A checker that is not believed about episodes which broke off: what they are worth is not known, whatever it says.
pub(crate) struct ButBroken(pub(crate) Box<dyn Check>);

impl Check for ButBroken {
    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let verdicts = self.0.check(stage, tasks, traces)?;
        Ok(traces.iter().zip(verdicts).map(|(trace, verdict)| why(trace).unwrap_or(verdict)).collect())
    }
}

fn why(trace: &Trace) -> Option<Verdict> {
    trace.episode.as_ref()?.unsettled.clone().map(Verdict::Unsettled)
}
