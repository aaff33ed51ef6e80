use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Count, Digest, Oracle, Stage, Task, Trace, Unsettled, Verdict};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Verifies that an answer follows its task's instructions. They are those that a program can
    /// verify (Zhou et al. 2023, arXiv 2311.07911), and it is right if it follows all. Unsettled
    /// where a task has none. `verify` says the same of a file with such instructions, strictly.
    pub struct Ifeval = "ifeval", version 1 {
        /// Loosely: a first or last line too many and asterisks are forgiven.
        pub loose: bool = false, "Zhou et al. 2023, section 3: the paper reports both";
        /// The share of the instructions that is followed, instead of all or nothing.
        pub share: bool = false, "ours";
    }
}

impl CheckerSettings for Ifeval {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(Following { oracle: grants.oracle("ifeval")?, settings: self.clone() }))
    }

    fn needs_oracle(&self) -> bool {
        true
    }
}

struct Following {
    oracle: Arc<dyn Oracle>,
    settings: Ifeval,
}

impl Following {
    fn verdict(&self, task: &Task, response: &str) -> Verdict {
        let name = if self.settings.loose { "loose instructions" } else { "instructions" };
        let counts = self.oracle.counts(task, response);
        match counts.into_iter().find(|count| count.name == name && count.of > 0) {
            None => Verdict::Unsettled(Unsettled::NoReference),
            Some(Count { has, of, .. }) if self.settings.share => Verdict::Graded(f64::from(has) / f64::from(of)),
            Some(Count { has, of, .. }) if has == of => Verdict::Right,
            Some(Count { has, of, .. }) => Verdict::Wrong(format!("follows {has} of {of} instructions")),
        }
    }
}

impl Check for Following {
    fn outside(&self) -> Option<Digest> {
        self.oracle.digest()
    }

    fn check(&self, _: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let verdict = |trace: &Trace| match by_id.get(trace.task.as_str()) {
            Some(task) => self.verdict(task, &trace.text()),
            None => Verdict::Unsettled(Unsettled::NoReference),
        };
        Ok(traces.iter().map(verdict).collect())
    }

    fn metric(&self) -> &'static str {
        if self.settings.share { "reward" } else { "accuracy" }
    }
}
