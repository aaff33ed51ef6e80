//! The world's exact oracle: the ceiling that other evaluators are measured against.

use faults::Outcome;
use nouns::{Cost, Oracle, World};

use super::{AttemptFault, Evaluate, Partial, Valued};

/// 1 where the answer so far is true and can still become right, else 0.
pub(super) struct Promise<'a> {
    pub(super) oracle: &'a dyn Oracle,
    pub(super) world: &'a dyn World,
}

impl Evaluate for Promise<'_> {
    fn evaluate(&self, partials: &[Partial]) -> Outcome<Vec<Valued>> {
        let value = |partial: &Partial| {
            let right = partial.ended.then(|| self.oracle.judge(partial.task, partial.text).reward()).flatten();
            let value = right.or_else(|| self.oracle.promise(partial.task, partial.text));
            let value = value.ok_or_else(|| AttemptFault::NoPromise(self.world.name().into()))?;
            Ok(Valued { value, cost: Cost { value_calls: 1, ..Cost::default() } })
        };
        partials.iter().map(value).collect()
    }
}
