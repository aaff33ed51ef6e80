//! What an answer is worth.

use std::sync::Arc;

use faults::{Code, Fault};
use nouns::{Check, Critics, Oracle, Policy, World};

mod consensus;
mod continuations;
mod critic;
mod judge;
mod majority;
mod process;
mod quality;
mod verify;

pub use consensus::{Consensus, With};
pub use continuations::Continuations;
pub use critic::Critic;
pub use judge::{Judge, Said};
pub use majority::Majority;
pub use process::Process;
pub use quality::{OfNext, Quality};
pub use verify::Verify;

recipe::parts! {
    /// What an answer is worth.
    pub enum CheckPart {
        Verify(verify::Verify),
        Quality(quality::Quality),
        Majority(majority::Majority),
        Critic(critic::Critic),
        Judge(judge::Judge),
        Continuations(continuations::Continuations),
        Process(process::Process),
        Consensus(consensus::Consensus),
    }
}

/// What a checker may be handed. The oracle is a capability: only a recipe whose checkers need labels gets it.
pub struct Grants {
    /// The world, which knows how to read an answer but not whether it is right.
    pub world: Arc<dyn World>,
    /// The right answers, if this recipe learns from labels.
    pub oracle: Option<Arc<dyn Oracle>>,
    /// The model that answers, where there is one.
    pub policy: Option<Arc<dyn Policy>>,
    /// The models beside it that score answers, by their role.
    pub critics: Critics,
}

impl Grants {
    /// A world and perhaps its answers; no model.
    pub fn new(world: Arc<dyn World>, oracle: Option<Arc<dyn Oracle>>) -> Grants {
        Grants { world, oracle, policy: None, critics: Critics::new() }
    }
}

/// A checker was asked for what it may not have.
#[derive(Debug, thiserror::Error)]
pub enum CheckFault {
    /// The part needs right answers and was not handed them.
    #[error("the checker `{0}` needs right answers, and this recipe is not handed any")]
    NoOracle(&'static str),
    /// The part asks a model, and there is none.
    #[error("the checker `{0}` asks a model, and there is none here")]
    NoModel(&'static str),
}

impl Fault for CheckFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            CheckFault::NoOracle(_) => "use a checker that needs no labels, such as `majority`".into(),
            CheckFault::NoModel(_) => "name a role that the recipe has".into(),
        })
    }
}

impl CheckPart {
    /// Whether it judges by right answers.
    pub fn needs_oracle(&self) -> bool {
        matches!(
            self,
            CheckPart::Verify(_) | CheckPart::Quality(_) | CheckPart::Continuations(_) | CheckPart::Process(_)
        )
    }

    /// The role of the model that it asks, if it asks one beside the policy.
    pub fn role(&self) -> Option<&str> {
        match self {
            CheckPart::Critic(part) => Some(&part.role),
            CheckPart::Process(part) => Some(&part.role),
            _ => None,
        }
    }

    /// The verb, with what it is granted.
    pub fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        match self {
            CheckPart::Verify(_) => {
                let oracle = grants.oracle.clone().ok_or(CheckFault::NoOracle("verify"))?;
                Ok(Box::new(verify::Verifier { oracle }))
            }
            CheckPart::Quality(part) => {
                let oracle = grants.oracle.clone().ok_or(CheckFault::NoOracle("quality"))?;
                Ok(Box::new(quality::Grader { part: part.clone(), world: grants.world.clone(), oracle }))
            }
            CheckPart::Majority(part) => {
                Ok(Box::new(majority::Voter { part: part.clone(), world: grants.world.clone() }))
            }
            CheckPart::Consensus(part) => {
                Ok(Box::new(consensus::Counter { part: part.clone(), world: grants.world.clone() }))
            }
            CheckPart::Continuations(part) => {
                let oracle = grants.oracle.clone().ok_or(CheckFault::NoOracle("continuations"))?;
                let policy = grants.policy.clone().ok_or(CheckFault::NoModel("continuations"))?;
                let world = grants.world.clone();
                Ok(Box::new(continuations::Completer { part: part.clone(), policy, world, oracle }))
            }
            CheckPart::Process(part) => {
                let oracle = grants.oracle.clone().ok_or(CheckFault::NoOracle("process"))?;
                let policy = grants.policy.clone().ok_or(CheckFault::NoModel("process"))?;
                let (world, model) = (grants.world.clone(), grants.critics.get(&part.role).cloned());
                Ok(Box::new(process::Weigher { part: part.clone(), world, oracle, policy, model }))
            }
            CheckPart::Judge(part) => {
                let policy = grants.policy.clone().ok_or(CheckFault::NoModel("judge"))?;
                Ok(Box::new(judge::Asker { part: part.clone(), policy }))
            }
            CheckPart::Critic(part) => {
                let policy = grants.policy.clone().ok_or(CheckFault::NoModel("critic"))?;
                let (part, model) = (part.clone(), grants.critics.get(&part.role).cloned());
                Ok(Box::new(critic::Judge { part, model, policy, world: grants.world.clone() }))
            }
        }
    }
}
