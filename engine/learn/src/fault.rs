use faults::{Code, Fault};

/// What can go wrong while learning.
#[derive(Debug, thiserror::Error)]
pub enum LearnFault {
    /// Someone asked to stop.
    #[error("stopped while training, at step {step}")]
    Stopped {
        /// The step.
        step: u32,
    },
    /// A number stopped being a number.
    #[error("{what} is {value} at step {step}")]
    NotFinite {
        /// The loss, or the name of the tensor whose gradient broke.
        what: String,
        /// The step.
        step: u32,
        /// What it became.
        value: f64,
    },
}

impl Fault for LearnFault {
    fn code(&self) -> Code {
        match self {
            LearnFault::Stopped { .. } => Code::Interrupted,
            LearnFault::NotFinite { .. } => Code::Diverged,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            LearnFault::Stopped { .. } => "`resume RUN` continues".into(),
            LearnFault::NotFinite { .. } => "try a smaller `lr`, a longer `warmup`, or a smaller `clip`".into(),
        })
    }
}
