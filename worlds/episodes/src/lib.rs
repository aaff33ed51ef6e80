//! Rolls a policy through environments: many episodes together, turn by turn.
//!
//! Every tick, all episodes that are not over ask for their next turn in one call of the policy,
//! and their environments are stepped on all processors. What a policy draws is keyed by task,
//! sample and turn, and an environment has its own key, so an episode does not depend on those
//! beside it, on their number, or on threads.
//!
//! ```text
//! reset ──► context ──► policy.sample ──► calls ──► environment.step ──► observation ──► context ...   ──► one trace an episode
//! ```
//!
//! A context only ever grows: the opening as the chat template writes it, then in turns the tokens
//! as they were drawn and those that the template puts between them and the next answer
//! ([`nouns::Policy::encode_between`]). Nothing is encoded again.

mod act;
mod game;
mod limits;
mod roll;

pub use limits::{Limits, Spent};
pub use roll::{By, Rolling, Start, play};
