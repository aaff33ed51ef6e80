//! How the policy answers.

mod evaluate;
mod hint;
mod introspect;
mod iterative_deepening;
mod monte_carlo;
mod prefixes;
mod ranked;
mod refine;
mod retry;
mod sample;
mod search;
mod tree;
mod tuned;

pub use evaluate::{AttemptFault, By, Ends, Evaluate, Partial, Valued};
pub use hint::{Gives, Hint};
pub use introspect::Introspect;
pub use iterative_deepening::IterativeDeepening;
pub use monte_carlo::MonteCarloSearch;
pub use prefixes::Prefixes;
pub use ranked::Ranked;
pub use refine::Refine;
pub use retry::Retry;
pub use sample::Sample;
pub use search::{Decide, Rule};
pub use tree::{Order, TreeSearch};
pub use tuned::Tuned;

recipe::parts! {
    /// How the policy answers.
    pub enum AttemptPart {
        Sample(sample::Sample),
        Tuned(tuned::Tuned),
        Hint(hint::Hint),
        Introspect(introspect::Introspect),
        Retry(retry::Retry),
        Prefixes(prefixes::Prefixes),
        Ranked(ranked::Ranked),
        TreeSearch(tree::TreeSearch),
        MonteCarlo(monte_carlo::MonteCarloSearch),
        IterativeDeepening(iterative_deepening::IterativeDeepening),
        Refine(refine::Refine),
    }
}

impl AttemptPart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Attempt> {
        match self {
            AttemptPart::Sample(part) => Box::new(part.clone()),
            AttemptPart::Tuned(part) => Box::new(part.clone()),
            AttemptPart::Hint(part) => Box::new(part.clone()),
            AttemptPart::Introspect(part) => Box::new(part.clone()),
            AttemptPart::Retry(part) => Box::new(part.clone()),
            AttemptPart::Prefixes(part) => Box::new(part.clone()),
            AttemptPart::Ranked(part) => Box::new(part.clone()),
            AttemptPart::TreeSearch(part) => Box::new(part.clone()),
            AttemptPart::MonteCarlo(part) => Box::new(part.clone()),
            AttemptPart::IterativeDeepening(part) => Box::new(part.clone()),
            AttemptPart::Refine(part) => Box::new(part.clone()),
        }
    }

    /// Sequences that are in flight for a task at a time, at most: what a part of the stage is cut by.
    pub fn answers_per_task(&self) -> usize {
        match self {
            AttemptPart::Sample(part) => part.per_task as usize,
            AttemptPart::Tuned(part) => part.per_task as usize,
            AttemptPart::Hint(part) => part.per_task as usize,
            AttemptPart::Introspect(part) => 2 * part.per_claim as usize * (1 + part.votes as usize),
            AttemptPart::Prefixes(_) | AttemptPart::Retry(_) => 0,
            AttemptPart::Ranked(part) => part.n as usize,
            AttemptPart::TreeSearch(part) => part.branch as usize * part.keep,
            AttemptPart::MonteCarlo(part) => part.branch.max(part.roll_branch) as usize * LEVELS,
            AttemptPart::IterativeDeepening(part) => part.n as usize,
            AttemptPart::Refine(part) => 2 * part.rounds as usize + 1,
        }
    }

    /// Whether it reads reference answers while attempting, so that `repeat` hands it the oracle.
    pub fn needs_oracle(&self) -> bool {
        match self {
            AttemptPart::Hint(_) => true,
            AttemptPart::Ranked(part) => part.value.needs_oracle(),
            AttemptPart::TreeSearch(part) => part.value.needs_oracle(),
            AttemptPart::MonteCarlo(part) => part.value.needs_oracle(),
            AttemptPart::Sample(_)
            | AttemptPart::Tuned(_)
            | AttemptPart::Introspect(_)
            | AttemptPart::Retry(_)
            | AttemptPart::Prefixes(_)
            | AttemptPart::IterativeDeepening(_)
            | AttemptPart::Refine(_) => false,
        }
    }
}

/// A search goes through the model many times: a part of the stage is so many times smaller, so that a crash costs about as
/// much as it does elsewhere.
const LEVELS: usize = 16;
