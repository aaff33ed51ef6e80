use std::sync::Arc;

use faults::Outcome;
use nouns::{Aggregate, Check, Policy, Stage, Task, Trace, Unsettled, ValueModel, Verdict, World, step_places};

use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Grades an answer by what a learned judge says of it. The judge is a model of the recipe: a
    /// reward model, a verifier, a process reward model. Until that model has learned, it cannot
    /// judge.
    pub struct Critic = "critic", version 2 {
        /// The model's name in `[models]`.
        pub model: String = "value".into(), "ours";
        /// What of an answer it judges: the whole (`last`), or each step, of which the worst
        /// (`min`) or the `product` counts.
        pub over: Aggregate = Aggregate::Last, "ours: the whole";
        /// With a bound an answer that is worth as much is right and one that is worth less is
        /// wrong: a filter beside a verifier. Without, the worth is the grade.
        pub at_least: Option<f64> = None, "ours: the grade; Zhang et al. 2024, arXiv 2406.03816, filter at 0.2";
    }
}

impl CheckerSettings for Critic {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        let (policy, model) = (grants.policy("critic")?, grants.critics.get(&self.model).cloned());
        Ok(Box::new(Judge { part: self.clone(), model, policy, world: grants.world.clone() }))
    }

    fn value_models(&self) -> Vec<&str> {
        vec![&self.model]
    }
}

/// [`Critic`] with its model, the policy, which knows how a question is written, and the world,
/// which knows where steps end.
pub(crate) struct Judge {
    pub(crate) part: Critic,
    pub(crate) model: Option<Arc<dyn ValueModel>>,
    pub(crate) policy: Arc<dyn Policy>,
    pub(crate) world: Arc<dyn World>,
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
        let ends = |answer: &[u32]| step_places(self.world.as_ref(), &|tokens| self.policy.decode_text(tokens), answer);
        let items: Vec<(&[u32], &[u32])> = items.collect();
        let values = self.part.over.ask(model.as_ref(), &items, &ends, stage.progress)?;
        Ok(values.into_iter().map(|(value, _)| self.part.verdict(value)).collect())
    }
}

impl Critic {
    fn verdict(&self, value: f64) -> Verdict {
        match self.at_least {
            _ if !value.is_finite() => Verdict::Unsettled(Unsettled::CheckerFailed(format!("the critic says {value}"))),
            None => Verdict::Graded(value),
            Some(least) if value >= least => Verdict::Right,
            Some(least) => Verdict::Wrong(format!("the critic finds it worth {value:.3}, less than {least}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_makes_a_filter_of_a_grade_and_no_number_is_no_verdict() {
        let filter = Critic { at_least: Some(0.2), ..Critic::default() };
        assert_eq!((Critic::default().verdict(0.1), filter.verdict(0.2)), (Verdict::Graded(0.1), Verdict::Right));
        assert!(matches!(filter.verdict(0.1), Verdict::Wrong(_)));
        assert!(filter.verdict(f64::NAN).is_unsettled() && Critic::default().verdict(f64::NAN).is_unsettled());
    }
}
