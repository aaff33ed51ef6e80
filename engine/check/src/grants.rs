//! What a checker may be handed, and how its settings ask for it.

use std::sync::Arc;

use faults::{Code, Fault};
use nouns::{Check, Critics, Oracle, Policy, World};

/// The settings of a checker: what they need, and the checker that they are with that.
pub trait CheckerSettings {
    /// The verb, with what it is granted.
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault>;

    /// Whether it judges by right answers.
    fn needs_oracle(&self) -> bool {
        false
    }

    /// The role of the model that it asks, if it asks one beside the policy.
    fn role(&self) -> Option<&str> {
        None
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

    /// The right answers, for the checker of this name.
    pub(crate) fn oracle(&self, checker: &'static str) -> Result<Arc<dyn Oracle>, CheckFault> {
        self.oracle.clone().ok_or(CheckFault::NoOracle(checker))
    }

    /// The model that answers, for the checker of this name.
    pub(crate) fn policy(&self, checker: &'static str) -> Result<Arc<dyn Policy>, CheckFault> {
        self.policy.clone().ok_or(CheckFault::NoModel(checker))
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
