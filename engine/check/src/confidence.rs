use faults::Outcome;
use nouns::{Check, Stage, Task, Trace, Verdict};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Grades an answer by how likely the model found it when it gave it, from 0 to 1: the product
    /// of its tokens' probabilities at temperature 1, or their geometric mean. It needs no labels
    /// and no other model; of a classifier it is the probability of the label.
    pub struct Confidence = "confidence", version 1 {
        /// Whether it is the geometric mean over the answer's tokens, so that long answers are not
        /// less sure for their length.
        pub per_token: bool = false, "ours: the whole answer's";
    }
}

impl CheckerSettings for Confidence {
    fn build(&self, _: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(self.clone()))
    }
}

impl Check for Confidence {
    fn check(&self, _: &Stage, _: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let verdict = |trace: &Trace| {
            let tokens = if self.per_token { trace.log_probs.len().max(1) as f64 } else { 1.0 };
            Verdict::Graded((trace.log_likelihood() / tokens).exp())
        };
        Ok(traces.iter().map(verdict).collect())
    }
}
