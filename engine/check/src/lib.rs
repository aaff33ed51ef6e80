//! What an answer is worth.

use std::sync::Arc;

use faults::{Code, Fault};
use nouns::{Check, Oracle, World};

mod majority;
mod verify;

pub use majority::Majority;
pub use verify::Verify;

recipe::parts! {
    /// What an answer is worth.
    pub enum CheckPart {
        Verify(verify::Verify),
        Majority(majority::Majority),
    }
}

/// What a checker may be handed. The oracle is a capability: only a recipe whose checkers need labels gets it.
pub struct Grants {
    /// The world, which knows how to read an answer but not whether it is right.
    pub world: Arc<dyn World>,
    /// The right answers, if this recipe learns from labels.
    pub oracle: Option<Arc<dyn Oracle>>,
}

/// A checker was asked for what it may not have.
#[derive(Debug, thiserror::Error)]
pub enum CheckFault {
    /// The part needs right answers and was not handed them.
    #[error("the checker `{0}` needs right answers, and this recipe is not handed any")]
    NoOracle(&'static str),
}

impl Fault for CheckFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        Some("use a checker that needs no labels, such as `majority`".into())
    }
}

impl CheckPart {
    /// Whether it judges by right answers.
    pub fn needs_oracle(&self) -> bool {
        matches!(self, CheckPart::Verify(_))
    }

    /// The verb, with what it is granted.
    pub fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        match self {
            CheckPart::Verify(_) => {
                let oracle = grants.oracle.clone().ok_or(CheckFault::NoOracle("verify"))?;
                Ok(Box::new(verify::Verifier { oracle }))
            }
            CheckPart::Majority(part) => {
                Ok(Box::new(majority::Voter { part: part.clone(), world: grants.world.clone() }))
            }
        }
    }
}
