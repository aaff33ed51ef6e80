//! How the policy answers.
//!
//! Samples, second turns and searches alike give traces, so that nothing after `attempt` knows how
//! an answer was found. A search is two independent things, a plan (what to draw next in a tree)
//! and an evaluator (what a partial answer is worth): every pair of them is a method. Trees of many
//! tasks are stepped together, because the rollout engine is fast in batches and slow alone.

mod critique;
mod episode;
mod evaluate;
mod guidelines;
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

pub use critique::{Critique, Keep, Of, Under};
pub use episode::Episode;
pub use evaluate::{AttemptFault, By, Ends, Evaluate, Partial, Valued};
pub use guidelines::Guidelines;
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
    pub enum AttemptPart: nouns::Attempt {
        Sample(sample::Sample),
        Tuned(tuned::Tuned),
        Hint(hint::Hint),
        Guidelines(guidelines::Guidelines),
        Introspect(introspect::Introspect),
        Retry(retry::Retry),
        Prefixes(prefixes::Prefixes),
        Ranked(ranked::Ranked),
        TreeSearch(tree::TreeSearch),
        MonteCarlo(monte_carlo::MonteCarloSearch),
        IterativeDeepening(iterative_deepening::IterativeDeepening),
        Refine(refine::Refine),
        Critique(critique::Critique),
        Episode(episode::Episode),
    }
}
