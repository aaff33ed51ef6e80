use faults::{Code, Fault};

/// What can be wrong with what is to be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateFault {
    /// There is nothing to answer.
    #[error("`{world}` has no {part} tasks")]
    NoTasks {
        /// The world or file.
        world: String,
        /// The part that was looked at.
        part: &'static str,
    },
    /// A task that names nothing to choose from.
    #[error("`{task}` of `{world}` names no answers to choose from")]
    NoOptions {
        /// The world or file.
        world: String,
        /// The task.
        task: String,
    },
    /// An answer to choose that has no token.
    #[error("`{option}`, an answer to choose, is no token of the model")]
    EmptyOption {
        /// The answer.
        option: String,
    },
}

impl Fault for EvaluateFault {
    fn code(&self) -> Code {
        match self {
            EvaluateFault::NoTasks { .. } | EvaluateFault::NoOptions { .. } => Code::Data,
            EvaluateFault::EmptyOption { .. } => Code::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            EvaluateFault::NoTasks { .. } => "Name another part with `--split`, or another file.",
            EvaluateFault::NoOptions { .. } => {
                "Multiple choices and classifications name them; name them yourself with `--among yes --among no`."
            }
            EvaluateFault::EmptyOption { .. } => "Name answers of at least one letter.",
        };
        Some(hint.into())
    }
}
