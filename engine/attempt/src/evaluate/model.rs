//! A learned value model.

use faults::Outcome;
use nouns::{Cost, Progress, ValueModel};

use super::{Evaluate, Partial, Valued};

/// One call per partial answer, all in one batch.
pub(super) struct Model<'a> {
    pub(super) model: &'a dyn ValueModel,
    pub(super) progress: &'a dyn Progress,
}

impl Evaluate for Model<'_> {
    fn evaluate(&self, partials: &[Partial]) -> Outcome<Vec<Valued>> {
        let items: Vec<(&[u32], &[u32])> = partials.iter().map(|partial| (partial.context, partial.answer)).collect();
        let values = self.model.values(&items, self.progress)?;
        let cost = Cost { value_calls: 1, ..Cost::default() };
        Ok(values.into_iter().map(|value| Valued { value, cost }).collect())
    }
}
