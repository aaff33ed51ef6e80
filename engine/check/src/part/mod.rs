//! The checkers that a recipe may name, and those that are made of others.

mod together;
mod weighted;

pub use together::Together;
pub use weighted::{Weighing, Weighted};

use recipe::Describe;

use crate::broken::ButBroken;
use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::parts! {
    /// What an answer is worth.
    pub enum CheckPart: CheckerSettings {
        Verify(crate::verify::Verify),
        Quality(crate::quality::Quality),
        Majority(crate::majority::Majority),
        Critic(crate::critic::Critic),
        Judge(crate::judge::Judge),
        Continuations(crate::continuations::Continuations),
        Process(crate::process::Process),
        Confidence(crate::confidence::Confidence),
        Consensus(crate::consensus::Consensus),
        Rewards(crate::rewards::Rewards),
        Weighted(weighted::Weighted),
    }
}

impl CheckPart {
    /// The verb, with what it is granted. Whatever it is, an episode that broke off is unsettled.
    pub fn build(&self, grants: &Grants) -> Result<Box<dyn nouns::Check>, CheckFault> {
        let checker = CheckerSettings::build(&**self, grants)?;
        Ok(Box::new(ButBroken(checker)))
    }

    /// It and the parts that it is made of: each has a version of its own.
    pub fn with_components(&self) -> Vec<&dyn Describe> {
        [vec![self.describe()], self.components()].concat()
    }
}
