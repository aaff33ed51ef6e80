//! The rollout engine: batched sampling with a key-value cache, and scoring.
//!
//! The sampler and the trainer run the same decoder over the same weights in the same process, and a row's bits do not
//! depend on the rows beside it: the log-probabilities of sampled tokens are those that training computes.

mod body;
mod choices;
mod critic;
mod draw;
mod endings;
mod ends;
mod engine;
mod fault;
mod flight;
mod local;
mod prefixes;
mod seats;
mod there;

pub use critic::LocalCritic;
pub use engine::Listen;
pub use fault::PolicyFault;
pub use local::LocalPolicy;
