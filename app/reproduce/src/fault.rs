use std::path::PathBuf;

use faults::{Code, Fault};

/// What can be wrong with a reproduction.
#[derive(Debug, thiserror::Error)]
pub enum ReproduceFault {
    /// A reproduction that compares an arm which it does not run.
    #[error("the reproduction `{name}` speaks of an arm `{arm}`, and has none of that name")]
    NoArm {
        /// The reproduction.
        name: String,
        /// The arm.
        arm: String,
    },
    /// A reproduction whose arm names no recipe.
    #[error("there is no recipe `{name}`")]
    NoRecipe {
        /// What was named.
        name: String,
    },
    /// A plan's data file is not there.
    #[error("there is no data file `{on}` here, nor in {}", .data.display())]
    NoData {
        /// What the plan names.
        on: String,
        /// Where data files are looked for.
        data: PathBuf,
    },
    /// The system gives no threads to work with.
    #[error("no threads could be begun: {why}")]
    NoThreads {
        /// What the system says.
        why: String,
    },
    /// A budget that cannot be read.
    #[error("`{text}` is no budget")]
    NoBudget {
        /// What was written.
        text: String,
    },
}

impl Fault for ReproduceFault {
    fn code(&self) -> Code {
        match self {
            ReproduceFault::NoArm { .. } | ReproduceFault::NoRecipe { .. } | ReproduceFault::NoBudget { .. } => {
                Code::Recipe
            }
            ReproduceFault::NoData { .. } => Code::Data,
            ReproduceFault::NoThreads { .. } => Code::Memory,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            ReproduceFault::NoArm { .. } => "name one of its `[arms]`",
            ReproduceFault::NoRecipe { .. } => "`autodidact list` shows the recipes",
            ReproduceFault::NoData { .. } => {
                "the reproduction's header says where it comes from; `--data DIR` names where it is"
            }
            ReproduceFault::NoThreads { .. } => "ask for fewer jobs, or see what limits the threads of this user",
            ReproduceFault::NoBudget { .. } => "write a time or tokens: `10m`, `1Mtok`",
        };
        Some(hint.into())
    }
}
