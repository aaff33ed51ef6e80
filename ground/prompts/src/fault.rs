use std::path::PathBuf;

use faults::{Code, Fault};

/// What can be wrong with a prompt's template.
#[derive(Debug, thiserror::Error)]
pub enum PromptFault {
    /// It is not Jinja.
    #[error("the template does not parse: {why}")]
    Syntax {
        /// What the parser says, with the line.
        why: String,
    },
    /// Its file cannot be read.
    #[error("cannot read the template {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It names what nobody fills in, or fails while it is filled in.
    #[error("the template cannot be filled in: {why}")]
    Filling {
        /// What the renderer says, with the line.
        why: String,
    },
    /// It leaves out what the model must be shown.
    #[error("the template never shows `{name}`")]
    Silent {
        /// The variable.
        name: &'static str,
    },
}

impl Fault for PromptFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            PromptFault::Syntax { .. } => "templates are Jinja: `{{ question }}`, `{% if … %}`".into(),
            PromptFault::Unreadable { .. } => "the path is taken from the folder that the program runs in".into(),
            PromptFault::Filling { .. } => {
                "`autodidact explain RECIPE` says which variables the part's prompt has".into()
            }
            PromptFault::Silent { name } => format!("write `{{{{ {name} }}}}` where it belongs"),
        })
    }
}
