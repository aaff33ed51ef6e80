use std::sync::Arc;

use faults::Outcome;
use nouns::{
    Aggregate, Check, Digest, Oracle, Policy, Stage, Task, Trace, Unsettled, ValueModel, Verdict, World, step_places,
};

use crate::grants::{CheckFault, CheckerSettings, Grants};
use crate::verify::Verifier;

recipe::part! {
    /// Grades an answer by labels, and within right and wrong by its worst step. The grade is 1 if
    /// the answer is right, plus the weighted value of its worst step by a model of the recipe,
    /// from -1 to 1. So every right answer is graded above one half and every wrong one below, and
    /// within each kind the steps decide.
    pub struct Process = "process", version 1 {
        /// The model's name in `[models]`; its values are probabilities.
        pub model: String = "value".into(), "ours";
        /// The weight of the worst step; below one half.
        pub weight: f64 = 0.2, "Zeng et al. 2024, arXiv 2412.17256, the authors' code: a fifth";
    }
}

impl CheckerSettings for Process {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        let (policy, oracle) = (grants.policy("process")?, grants.oracle("process")?);
        let (world, model) = (grants.world.clone(), grants.critics.get(&self.model).cloned());
        Ok(Box::new(Weigher { part: self.clone(), world, oracle, policy, model }))
    }

    fn needs_oracle(&self) -> bool {
        true
    }

    fn value_models(&self) -> Vec<&str> {
        vec![&self.model]
    }
}

/// [`Process`] with what it is granted.
pub(crate) struct Weigher {
    pub(crate) part: Process,
    pub(crate) world: Arc<dyn World>,
    pub(crate) oracle: Arc<dyn Oracle>,
    pub(crate) policy: Arc<dyn Policy>,
    pub(crate) model: Option<Arc<dyn ValueModel>>,
}

impl Check for Weigher {
    fn outside(&self) -> Option<Digest> {
        self.oracle.digest()
    }

    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let rights = Verifier { oracle: self.oracle.clone() }.check(stage, tasks, traces)?;
        let Some(model) = &self.model else { return Ok(rights) };
        let values = self.worst_steps(model.as_ref(), stage, traces)?;
        Ok(rights.into_iter().zip(values).map(|(right, value)| together(self.part.weight, right, value)).collect())
    }
}

impl Weigher {
    /// What the model says at the end of the worst step of each answer.
    fn worst_steps(&self, model: &dyn ValueModel, stage: &Stage, traces: &[Trace]) -> Outcome<Vec<f64>> {
        let (policy, world) = (self.policy.as_ref(), self.world.as_ref());
        let contexts = traces.iter().map(|trace| policy.encode(&trace.trained_under)).collect::<Outcome<Vec<_>>>()?;
        let items = contexts.iter().zip(traces).map(|(context, trace)| (context.as_slice(), trace.tokens.as_slice()));
        let ends = |answer: &[u32]| step_places(world, &|tokens| policy.decode_text(tokens), answer);
        let values = Aggregate::Min.ask(model, &items.collect::<Vec<_>>(), &ends, stage.progress)?;
        Ok(values.into_iter().map(|(value, _)| value).collect())
    }
}

/// The grade of an answer whose worst step has this value.
fn together(weight: f64, right: Verdict, value: f64) -> Verdict {
    match right.reward() {
        None => right,
        Some(_) if value.is_nan() => Verdict::Unsettled(Unsettled::CheckerFailed("a step has no value".into())),
        Some(outcome) => Verdict::Graded(outcome + weight * (2.0 * value.clamp(0.0, 1.0) - 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_rank_answers_and_never_make_a_wrong_one_right() {
        let grade = |right: Verdict, value: f64| together(0.2, right, value).reward().expect("a grade");
        let wrong = || Verdict::Wrong("no".into());
        assert_eq!([grade(Verdict::Right, 1.0), grade(Verdict::Right, 0.0)], [1.2, 0.8]);
        assert_eq!([grade(wrong(), 1.0), grade(wrong(), 0.5)], [0.2, 0.0]);
        assert!(nouns::effect::is_right(grade(Verdict::Right, 0.0)) && !nouns::effect::is_right(grade(wrong(), 1.0)));
    }

    #[test]
    fn what_cannot_be_judged_stays_so() {
        let lost = Verdict::Unsettled(Unsettled::NoReference);
        assert_eq!(together(0.2, lost.clone(), 0.9), lost);
        assert!(together(0.2, Verdict::Right, f64::NAN).is_unsettled());
    }
}
