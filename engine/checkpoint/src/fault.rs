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
}

impl Fault for CheckpointFault {
    fn code(&self) -> Code {
        Code::Memory
    }

    fn hint(&self) -> Option<String> {
        Some(
            "compute less at a time (--set learn.batch.micro_tokens=256), keep less of it (--set \
             learn.batch.recompute=true), train an adapter (--set \
             learn.lora.rank=16), or use a smaller model (one made from nothing: --set base.width=64)"
                .into(),
        )
    }
}
