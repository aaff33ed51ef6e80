//! What a checker may be handed, and how its settings ask for it.

use std::sync::Arc;

use faults::{Code, Fault};
use nouns::{Answerers, Check, Critics, Generate, Oracle, Policy, World};
use prompts::PromptFault;
use recipe::Describe;

/// The settings of a checker: what it needs, and how it is built of that.
pub trait CheckerSettings {
    /// The verb, with what it is granted.
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault>;

    /// Whether it judges by right answers.
    fn needs_oracle(&self) -> bool {
        false
    }

    /// Whether it compares the attempts at a task with one another: of one attempt alone it says
    /// nothing.
    fn votes(&self) -> bool {
        false
    }

    /// The names of the models that it asks for values of the policy's tokens.
    fn value_models(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The names of the models that it asks in words.
    fn models(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Those among them of which it reads probabilities, so that they must have tokens.
    fn models_with_tokens(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The parts that it is made of, if it is made of some: each has a version of its own.
    fn components(&self) -> Vec<&dyn Describe> {
        Vec::new()
    }
}

/// What a checker may be handed. The oracle is a capability: only a recipe whose checkers need
/// labels gets it.
pub struct Grants {
    /// The world, which knows how to read an answer but not whether it is right.
    pub world: Arc<dyn World>,
    /// The right answers, if this recipe learns from labels.
    pub oracle: Option<Arc<dyn Oracle>>,
    /// The model that answers, where there is one.
    pub policy: Option<Arc<dyn Policy>>,
    /// The models beside it that score answers, by name.
    pub critics: Critics,
    /// The models that answer in text, by name.
    pub models: Answerers,
}

impl Grants {
    /// A world and perhaps its answers; no model.
    pub fn new(world: Arc<dyn World>, oracle: Option<Arc<dyn Oracle>>) -> Grants {
        Grants { world, oracle, policy: None, critics: Critics::new(), models: Answerers::new() }
    }

    /// The right answers, for the checker of this name.
    pub(crate) fn oracle(&self, checker: &'static str) -> Result<Arc<dyn Oracle>, CheckFault> {
        self.oracle.clone().ok_or(CheckFault::NoOracle(checker))
    }

    /// The model that answers, for the checker of this name.
    pub(crate) fn policy(&self, checker: &'static str) -> Result<Arc<dyn Policy>, CheckFault> {
        self.policy.clone().ok_or(CheckFault::NoModel(checker))
    }

    /// The model of this name that is asked in words, for the checker of that name.
    pub(crate) fn answering(&self, checker: &'static str, name: &str) -> Result<Arc<dyn Generate>, CheckFault> {
        match name {
            "policy" => Ok(self.policy(checker)? as Arc<dyn Generate>),
            _ => self.models.get(name).cloned().ok_or(CheckFault::NoModel(checker)),
        }
    }
}

/// A checker needs something that the recipe does not grant.
#[derive(Debug, thiserror::Error)]
pub enum CheckFault {
    /// The part needs right answers and was not handed them.
    #[error("the checker `{0}` needs right answers, and this recipe is not handed any")]
    NoOracle(&'static str),
    /// The part asks a model, and there is none.
    #[error("the checker `{0}` asks a model, and there is none here")]
    NoModel(&'static str),
    /// The part reads probabilities, and the model that it asks has words alone.
    #[error("the checker `{part}` reads probabilities, and the model `{model}` answers in words alone")]
    NoTokens {
        /// The part.
        part: &'static str,
        /// The model.
        model: String,
    },
    /// The part's prompt cannot be used.
    #[error("the prompt of `{0}`: {1}")]
    Prompt(&'static str, PromptFault),
    /// A weighted sum without components.
    #[error("the checker `weighted` has no components")]
    NoComponents,
    /// A weight that is not finite.
    #[error("the component `{name}` of `weighted` has the weight {weight}")]
    BadWeight {
        /// The component.
        name: String,
        /// Its weight.
        weight: f64,
    },
}

impl Fault for CheckFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            CheckFault::NoOracle(_) => "use a checker that needs no labels, such as `majority`".into(),
            CheckFault::NoModel(_) => "name a model that the recipe has".into(),
            CheckFault::NoTokens { .. } => "read a reply instead: by = \"score\", \"list\" or \"json\"".into(),
            CheckFault::Prompt(_, fault) => fault.hint()?,
            CheckFault::NoComponents => {
                "name some: `weighted = { of = { correct = { check = \"verify\", weight = 1.0 } } }`".into()
            }
            CheckFault::BadWeight { .. } => "give a finite number".into(),
        })
    }
}
