use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What something cost, in units that do not depend on the machine. Budgets and "equal cost" claims
/// count these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Tokens that a model generated, failed retries included.
    pub generated_tokens: u64,
    /// Tokens that a model read as context.
    pub context_tokens: u64,
    /// Tokens that carried a gradient.
    pub trained_tokens: u64,
    /// Calls of a value model, reward model or judge.
    pub value_calls: u64,
    /// Steps taken in an environment.
    pub environment_steps: u64,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        self.generated_tokens += other.generated_tokens;
        self.context_tokens += other.context_tokens;
        self.trained_tokens += other.trained_tokens;
        self.value_calls += other.value_calls;
        self.environment_steps += other.environment_steps;
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(costs: I) -> Cost {
        costs.fold(Cost::default(), |mut total, cost| {
            total += cost;
            total
        })
    }
}
