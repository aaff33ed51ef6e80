use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Digest, Oracle, Stage, Task, Trace, Unsettled, Verdict};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Asks the world's exact verifier whether an answer is right, with the reason. Unsettled where
    /// there is nothing to compare with.
    pub struct Verify = "verify", version 4 {}
}

impl CheckerSettings for Verify {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(Verifier { oracle: grants.oracle("verify")? }))
    }

    fn needs_oracle(&self) -> bool {
        true
    }
}

/// [`Verify`] with the right answers it was granted.
pub(crate) struct Verifier {
    pub(crate) oracle: Arc<dyn Oracle>,
}

impl Check for Verifier {
    fn outside(&self) -> Option<Digest> {
        self.oracle.digest()
    }

    fn check(&self, _: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let known = traces.iter().filter_map(|trace| Some((*by_id.get(trace.task.as_str())?, trace.text())));
        let known: Vec<(&Task, Cow<str>)> = known.collect();
        let items: Vec<(&Task, &str)> = known.iter().map(|(task, said)| (*task, said.as_ref())).collect();
        let mut verdicts = self.oracle.judge_all(&items).into_iter();
        let verdict = |trace: &Trace| match by_id.contains_key(trace.task.as_str()) {
            true => verdicts.next().unwrap_or(Verdict::Unsettled(Unsettled::NoReference)),
            false => Verdict::Unsettled(Unsettled::NoReference),
        };
        Ok(traces.iter().map(verdict).collect())
    }
}
