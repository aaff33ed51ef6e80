//! The policy's own likelihood.

use faults::Outcome;
use nouns::Cost;

use super::{Evaluate, Partial, Valued};

/// How likely the policy found what it wrote: of the whole, or per token.
pub(super) struct Likelihood {
    pub(super) per_token: bool,
}

impl Evaluate for Likelihood {
    fn evaluate(&self, partials: &[Partial]) -> Outcome<Vec<Valued>> {
        let value = |partial: &Partial| {
            let tokens = if self.per_token { partial.answer.len().max(1) as f64 } else { 1.0 };
            Valued { value: (partial.log_likelihood / tokens).exp(), cost: Cost::default() }
        };
        Ok(partials.iter().map(value).collect())
    }
}
