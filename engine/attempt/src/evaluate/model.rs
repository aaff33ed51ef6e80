//! A learned value model.

use faults::Outcome;
use nouns::{Aggregate, AttemptContext, Cost, Progress, ValueModel, step_places};

use super::{Evaluate, Partial, Valued};

/// One call per partial answer, or per step of it, all in one batch.
pub(super) struct Model<'a> {
    pub(super) model: &'a dyn ValueModel,
    pub(super) over: Aggregate,
    pub(super) cx: &'a AttemptContext<'a>,
    pub(super) progress: &'a dyn Progress,
}

impl Evaluate for Model<'_> {
    fn evaluate(&self, partials: &[Partial]) -> Outcome<Vec<Valued>> {
        let items: Vec<(&[u32], &[u32])> = partials.iter().map(|partial| (partial.context, partial.answer)).collect();
        let ends = |answer: &[u32]| step_places(self.cx.world, &|tokens| self.cx.policy.decode_text(tokens), answer);
        let values = self.over.ask(self.model, &items, &ends, self.progress)?;
        let valued = |(value, calls)| Valued { value, cost: Cost { value_calls: calls, ..Cost::default() } };
        Ok(values.into_iter().map(valued).collect())
    }
}
