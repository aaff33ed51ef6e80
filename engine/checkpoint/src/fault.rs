use std::path::PathBuf;

use faults::{Code, Fault};

/// What can be wrong with work on a model.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointFault {
    /// Not enough memory.
    #[error("{what} needs {needed} MiB of memory ({parts}); {available} MiB are free")]
    Memory {
        /// The work.
        what: &'static str,
        /// What it needs, in MiB.
        needed: u64,
        /// The parts of that.
        parts: String,
        /// What is free, in MiB.
        available: u64,
    },
    /// An adapter over an adapter.
    #[error("{folder} holds an adapter, and another is named")]
    TwoAdapters {
        /// The folder.
        folder: PathBuf,
    },
    /// Something that needs tokens was asked of a model that has none.
    #[error("this needs a language model, and the model is {kind}")]
    NoLanguage {
        /// What it is.
        kind: &'static str,
    },
}

impl Fault for CheckpointFault {
    fn code(&self) -> Code {
        match self {
            CheckpointFault::Memory { .. } => Code::Memory,
            CheckpointFault::NoLanguage { .. } | CheckpointFault::TwoAdapters { .. } => Code::Model,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            CheckpointFault::Memory { .. } => {
                "compute less at a time (--set learn.batch.micro_tokens=256), keep less of it (--set \
                 learn.batch.recompute=true), train an adapter (--set \
                 learn.lora.rank=16), or use a smaller model (one made from nothing: --set base.width=64)"
            }
            CheckpointFault::TwoAdapters { .. } => "leave out --adapter, or name the folder of the model below",
            CheckpointFault::NoLanguage { .. } => {
                "a classifier is sampled by `sample`, judged, chosen from, and learns by `classify`; name the folder of a \
                 language model for anything else"
            }
        };
        Some(hint.into())
    }
}
