use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Digest, Oracle, Stage, Task, Trace, Unsettled, Verdict, World, previous_answer};
use serde::{Deserialize, Serialize};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Grades how good an answer is, from 0 to 1, by what the world can tell. That is the share of
    /// right steps, for one; where it tells only right and wrong, 1 and 0. An answer that goes on
    /// from another is worth what it gained, as a share of what there was to gain: to copy it is
    /// worth nothing.
    pub struct Quality = "quality", version 1 {
        /// What an answer that goes on from another is worth.
        pub of_next: OfNext = OfNext::Gain, "Jiang et al. 2025, arXiv 2509.04575, section 4: max(0, gain / largest gain)";
    }
}

/// What an answer that goes on from another is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfNext {
    /// What it gained on it, over what there was to gain; nothing below 0.
    Gain,
    /// Its own quality: then copying is as good as anything.
    Itself,
}

impl CheckerSettings for Quality {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        let oracle = grants.oracle("quality")?;
        Ok(Box::new(Grader { part: self.clone(), world: grants.world.clone(), oracle }))
    }

    fn needs_oracle(&self) -> bool {
        true
    }
}

/// [`Quality`] with the right answers it was granted.
pub(crate) struct Grader {
    pub(crate) part: Quality,
    pub(crate) world: Arc<dyn World>,
    pub(crate) oracle: Arc<dyn Oracle>,
}

impl Check for Grader {
    fn outside(&self) -> Option<Digest> {
        self.oracle.digest()
    }

    fn check(&self, _: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let verdict = |trace: &Trace| match by_id.get(trace.task.as_str()) {
            Some(task) => self.verdict(task, trace),
            None => Verdict::Unsettled(Unsettled::NoReference),
        };
        Ok(traces.iter().map(verdict).collect())
    }
}

impl Grader {
    fn verdict(&self, task: &Task, trace: &Trace) -> Verdict {
        let own = self.graded(task, &trace.text());
        let Some((_, before)) = previous_answer(self.world.wording(), &trace.generated_under) else { return own };
        match (self.part.of_next, own.reward(), self.graded(task, &before)) {
            (OfNext::Itself, ..) | (_, None, _) => own,
            (_, _, unsettled @ Verdict::Unsettled(_)) => unsettled,
            (_, Some(after), before) => gained(before.reward().unwrap_or(0.0), after),
        }
    }

    fn graded(&self, task: &Task, response: &str) -> Verdict {
        match (self.oracle.judge(task, response), self.oracle.quality(task, response)) {
            (Verdict::Wrong(_), Some(quality)) => Verdict::Graded(quality),
            (verdict, _) => verdict,
        }
    }
}

/// What an answer gained on the one before, of what there was to gain: right if it gained all of
/// it.
fn gained(before: f64, after: f64) -> Verdict {
    let most = 1.0 - before;
    match (after - before) / most {
        _ if most <= 0.0 => Verdict::Graded(0.0),
        gain if gain >= 1.0 => Verdict::Right,
        gain => Verdict::Graded(gain.max(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gained_is_a_share_of_what_there_was_to_gain() {
        assert_eq!(gained(0.5, 1.0), Verdict::Right);
        assert_eq!(gained(0.5, 0.75), Verdict::Graded(0.5));
        assert_eq!(gained(0.5, 0.5), Verdict::Graded(0.0), "a copy");
        assert_eq!(gained(0.5, 0.25), Verdict::Graded(0.0), "no loss is punished");
        assert_eq!(gained(1.0, 1.0), Verdict::Graded(0.0), "there was nothing to gain");
    }
}
