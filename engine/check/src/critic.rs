use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Policy, Stage, Task, Trace, Unsettled, ValueModel, Verdict};

recipe::part! {
    /// A learned judge: the grade is what a model of the recipe says of the whole answer (a reward model, a verifier). Until
    /// that model has learned, it cannot judge.
    pub struct Critic = "critic", version 1 {
        /// The role of the model.
        pub role: String = "value".into(), "ours";
    }
}

/// [`Critic`] with its model, and the policy, which knows how a question is written.
pub(crate) struct Judge {
    pub(crate) model: Option<Arc<dyn ValueModel>>,
    pub(crate) policy: Arc<dyn Policy>,
}

impl Check for Judge {
    fn check(&self, stage: &Stage, _: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let Some(model) = &self.model else {
            let unsettled = || Verdict::Unsettled(Unsettled::CheckerFailed("the critic has not learned yet".into()));
            return Ok(traces.iter().map(|_| unsettled()).collect());
        };
        let contexts = traces.iter().map(|trace| self.policy.encode(&trace.trained_under));
        let contexts = contexts.collect::<Outcome<Vec<_>>>()?;
        let items = contexts.iter().zip(traces).map(|(context, trace)| (context.as_slice(), trace.tokens.as_slice()));
        let values = model.values(&items.collect::<Vec<_>>(), stage.progress)?;
        let verdict = |value: f64| match value.is_finite() {
            true => Verdict::Graded(value),
            false => Verdict::Unsettled(Unsettled::CheckerFailed(format!("the critic says {value}"))),
        };
        Ok(values.into_iter().map(verdict).collect())
    }
}
