//! What an answer is worth.
//!
//! A checker gets what it may know by [`Grants`], and nothing else: one that reads right answers says
//! so, and is refused where the recipe was not handed any. A checker that cannot tell answers
//! *unsettled*: there is no score that means failure, because a loop would learn from it.

mod broken;
mod consensus;
mod continuations;
mod critic;
mod grants;
mod judge;
mod majority;
mod process;
mod quality;
mod reading;
mod rewards;
mod together;
mod verify;
mod weighted;

pub use consensus::{Consensus, With};
pub use continuations::Continuations;
pub use critic::Critic;
pub use grants::{CheckFault, CheckerSettings, Grants};
pub use judge::{Judge, Reading};
pub use majority::Majority;
pub use process::Process;
pub use quality::{OfNext, Quality};
pub use rewards::Rewards;
pub use together::Together;
pub use verify::Verify;
pub use weighted::{Weighing, Weighted};

recipe::parts! {
    /// What an answer is worth.
    pub enum CheckPart: CheckerSettings {
        Verify(verify::Verify),
        Quality(quality::Quality),
        Majority(majority::Majority),
        Critic(critic::Critic),
        Judge(judge::Judge),
        Continuations(continuations::Continuations),
        Process(process::Process),
        Consensus(consensus::Consensus),
        Weighted(weighted::Weighted),
        Rewards(rewards::Rewards),
    }
}

impl CheckPart {
    /// The verb, with what it is granted. Whatever it is, an episode that broke off is unsettled.
    pub fn build(&self, grants: &Grants) -> Result<Box<dyn nouns::Check>, CheckFault> {
        let checker = CheckerSettings::build(&**self, grants)?;
        Ok(Box::new(broken::ButBroken(checker)))
    }
}
