//! What an answer is worth.
//!
//! A checker gets what it may know by [`Grants`], and nothing else: one that reads right answers
//! says so, and is refused where the recipe was not handed any. A checker that cannot tell answers
//! *unsettled*: there is no score that means failure, because a loop would learn from it.

mod broken;
mod confidence;
mod consensus;
mod continuations;
mod critic;
mod critiqued;
mod grants;
mod ifeval;
mod judge;
mod majority;
mod part;
mod process;
mod quality;
mod reading;
mod rewards;
mod together;
mod verify;

pub use confidence::Confidence;
pub use consensus::{Consensus, With};
pub use continuations::Continuations;
pub use critic::Critic;
pub use critiqued::{By as CritiquedBy, Critiqued};
pub use grants::{CheckFault, CheckerSettings, Grants};
pub use ifeval::Ifeval;
pub use judge::{Judge, Reading};
pub use majority::Majority;
pub use part::{CheckPart, Weighing, Weighted};
pub use process::Process;
pub use quality::{OfNext, Quality};
pub use rewards::Rewards;
pub use together::Together;
pub use verify::Verify;
