use faults::{Code, Fault};
use nouns::LessonKind;

/// What can go wrong while learning.
#[derive(Debug, thiserror::Error)]
pub enum LearnFault {
    /// Someone asked to stop.
    #[error("stopped while training, at step {step}")]
    Stopped {
        /// The step.
        step: u32,
    },
    /// Lessons that the part cannot execute.
    #[error("`{part}` learns from {wanted}, and was given {given}")]
    Kind {
        /// The part.
        part: &'static str,
        /// What it executes.
        wanted: LessonKind,
        /// What came.
        given: LessonKind,
    },
    /// A model of a kind that the part does not teach.
    #[error("`{part}` teaches {wanted}, and the model is {model}")]
    OtherKind {
        /// The part.
        part: &'static str,
        /// What it teaches.
        wanted: &'static str,
        /// What it was given.
        model: &'static str,
    },
    /// Values that the part cannot learn.
    #[error("`{part}` learns {wanted}, and was given {given}")]
    Values {
        /// The part.
        part: &'static str,
        /// What it learns.
        wanted: &'static str,
        /// What came.
        given: String,
    },
    /// Optimizer state that cannot be used.
    #[error("the optimizer state cannot be used: {why}")]
    OptimizerState {
        /// What is wrong with it.
        why: String,
    },
    /// Two settings that exclude each other.
    #[error("`{setting}` and `{other}` cannot both be asked for")]
    Apart {
        /// The one.
        setting: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A setting that does nothing without another.
    #[error("`{setting}` does nothing without `{other}`")]
    Needs {
        /// The setting.
        setting: &'static str,
        /// What it needs.
        other: &'static str,
    },
    /// A setting of an adapter where there is none.
    #[error("{setting} is {value}; {wanted} is needed")]
    Adapter {
        /// The setting.
        setting: &'static str,
        /// What it is.
        value: f64,
        /// What would do.
        wanted: &'static str,
    },
    /// A model that has an adapter, and settings that ask for a new one.
    #[error("the model has an adapter already, and lora.rank asks for a new one")]
    Adapted,
    /// An adapter on a model whose head of scores would stay as it is.
    #[error("an adapter beside a score head is not supported")]
    AdaptedScores,
    /// A loss, gradient or weight is not finite.
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
            LearnFault::Kind { .. }
            | LearnFault::OtherKind { .. }
            | LearnFault::Values { .. }
            | LearnFault::Apart { .. }
            | LearnFault::Needs { .. }
            | LearnFault::Adapter { .. }
            | LearnFault::Adapted
            | LearnFault::AdaptedScores => Code::Recipe,
            LearnFault::OptimizerState { .. } => Code::Store,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            LearnFault::Stopped { .. } => {
                "`autodidact resume RUN` continues a run, and the same `train` again goes on from its last checkpoint"
                    .into()
            }
            LearnFault::NotFinite { .. } => "try a smaller `lr`, a longer `warmup`, or a smaller `clip`".into(),
            LearnFault::OtherKind { .. } => {
                "a classifier learns by `learn = \"classify\"`, a language model by the others".into()
            }
            LearnFault::OptimizerState { .. } => "take the checkpoint away to begin anew".into(),
            LearnFault::Values { .. } => "look at what the lessons' values are, or choose another `measure`".into(),
            LearnFault::Needs { setting, other } => format!("set `{other}` too, or leave out `{setting}`"),
            LearnFault::Apart { setting, .. } => format!("leave out `{setting}`, or the other"),
            LearnFault::Adapter { .. } => "PEFT's and TRL's usual ones are lora.alpha=32 and lora.dropout=0.05".into(),
            LearnFault::AdaptedScores => "leave out lora.rank, to train the head and the weights".into(),
            LearnFault::Adapted => {
                "leave out lora.rank to go on with the adapter there is, or `convert --merge` it into the model first"
                    .into()
            }
            LearnFault::Kind { wanted, .. } => format!("what `choose` leaves at its end has to be {wanted}"),
        })
    }
}
