use faults::{Code, Fault};
use thiserror::Error;

use crate::nearest::nearest;
use crate::place::Place;

/// What can be wrong with a recipe or a `--set`. Each knows its place.
#[derive(Debug, Error)]
pub enum RecipeFault {
    /// The text, or the value of a `--set`, is not TOML.
    #[error("not valid TOML: {what}")]
    Syntax {
        /// What the parser says.
        what: String,
        /// Where.
        place: Box<Place>,
    },
    /// An unknown key or part.
    #[error("unknown {kind} `{name}`")]
    Unknown {
        /// `key` or `name`.
        kind: &'static str,
        /// What was written.
        name: String,
        /// What could have been.
        valid: Vec<String>,
        /// Where.
        place: Box<Place>,
    },
    /// A value that does not fit, or one that is missing.
    #[error("{what}")]
    Value {
        /// What is wrong with it.
        what: String,
        /// Where.
        place: Box<Place>,
    },
    /// A `--set` that is not `path.to.key=value`.
    #[error("`--set` needs `path.to.key=value`: {what}")]
    Malformed {
        /// What it lacks.
        what: &'static str,
        /// Where.
        place: Box<Place>,
    },
    /// A `--set` whose path leads nowhere.
    #[error("`--set` leads nowhere: {what}")]
    Nowhere {
        /// Why it cannot go on.
        what: String,
        /// The step it fails at.
        step: String,
        /// Steps that lead on.
        valid: Vec<String>,
        /// Where.
        place: Box<Place>,
    },
    /// A `--set` that names a part which stands several times in its list.
    #[error("`--set` is ambiguous: `{name}` stands here {} times", choices.len())]
    Ambiguous {
        /// The part's name.
        name: String,
        /// Paths that say which is meant.
        choices: Vec<String>,
        /// Where.
        place: Box<Place>,
    },
}

impl RecipeFault {
    /// What is written beside the carets.
    fn label(&self) -> String {
        match self {
            RecipeFault::Unknown { name, valid, .. } | RecipeFault::Nowhere { step: name, valid, .. } => {
                nearest(name, valid).map(|near| format!("did you mean `{near}`?")).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    fn place(&self) -> &Place {
        match self {
            RecipeFault::Syntax { place, .. }
            | RecipeFault::Unknown { place, .. }
            | RecipeFault::Value { place, .. }
            | RecipeFault::Malformed { place, .. }
            | RecipeFault::Nowhere { place, .. }
            | RecipeFault::Ambiguous { place, .. } => place,
        }
    }

    /// What could have been written instead.
    fn valid(&self) -> &[String] {
        match self {
            RecipeFault::Unknown { valid, .. } | RecipeFault::Nowhere { valid, .. } => valid,
            RecipeFault::Ambiguous { choices, .. } => choices,
            _ => &[],
        }
    }
}

impl Fault for RecipeFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            RecipeFault::Syntax { .. } => "Text needs quotes, lists need `[ ]`, settings of a part need `{ }`.",
            RecipeFault::Unknown { kind: "key", .. } => {
                "`autodidact explain RECIPE` shows every setting with its meaning and default."
            }
            RecipeFault::Unknown { .. } => "`autodidact list --all` shows every part, world and method.",
            RecipeFault::Value { .. } => {
                "`autodidact explain RECIPE` shows every setting with its meaning and default."
            }
            RecipeFault::Malformed { .. } => "For example: `--set learn.optimizer.lr=3e-4`.",
            RecipeFault::Nowhere { .. } => {
                "A path follows the recipe: keys by name, lists by number or by the part's name."
            }
            RecipeFault::Ambiguous { .. } => "Say which by its number in the list.",
        };
        Some(hint.to_owned())
    }

    fn picture(&self) -> Option<String> {
        let names: Vec<String> = self.valid().iter().map(|name| format!("`{name}`")).collect();
        let note = if names.is_empty() { String::new() } else { format!("valid here: {}", names.join(", ")) };
        Some(self.place().draw(&self.label(), &note))
    }
}
