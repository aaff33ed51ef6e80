use std::path::PathBuf;

use faults::{Code, Fault};

/// What can be wrong with a training without a loop.
#[derive(Debug, thiserror::Error)]
pub enum TrainerFault {
    /// A line of training data that cannot be used.
    #[error("line {line}: {why}")]
    BadExample {
        /// Its number, from 1.
        line: u32,
        /// What is wrong with it.
        why: String,
    },
    /// A file of training data with nothing to learn from.
    #[error("{path} {why}")]
    NoExamples {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        why: &'static str,
    },
    /// A template that writes a prompt otherwise when an answer follows.
    #[error("the chat template writes this prompt differently when an answer follows it, or leaves the answer out")]
    Unfaithful,
    /// A template that does not end answers.
    #[error("the chat template writes no end token after an answer: a model taught so would never end")]
    Endless,
    /// Nothing of this name learns.
    #[error("`{name}` is neither an objective nor a method that trains")]
    NoObjective {
        /// What was named.
        name: String,
    },
    /// Something is there already.
    #[error("{path} is there already")]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// Shares of other files that leave nothing for the first, or are none.
    #[error("the shares of the other files sum to {sum}")]
    Shares {
        /// Their sum.
        sum: f64,
    },
    /// An adapter that is more than low-rank products.
    #[error("this adapter cannot be trained further: {why}")]
    MergedAdapter {
        /// What it is more.
        why: String,
    },
    /// A checkpoint that another training left.
    #[error("{path} is a checkpoint of another training")]
    AnotherTraining {
        /// The checkpoint.
        path: PathBuf,
    },
    /// A line that says too little or too much.
    #[error("{wanted} is needed")]
    UnclearLine {
        /// What would do.
        wanted: &'static str,
    },
}

impl Fault for TrainerFault {
    fn code(&self) -> Code {
        match self {
            TrainerFault::BadExample { .. }
            | TrainerFault::NoExamples { .. }
            | TrainerFault::Unfaithful
            | TrainerFault::Endless
            | TrainerFault::Shares { .. }
            | TrainerFault::UnclearLine { .. } => Code::Data,
            TrainerFault::MergedAdapter { .. } => Code::Model,
            TrainerFault::NoObjective { .. } => Code::Recipe,
            TrainerFault::Taken { .. } | TrainerFault::AnotherTraining { .. } => Code::Store,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            TrainerFault::BadExample { .. } => "mend the line or leave it out; `train --help` shows the formats",
            TrainerFault::NoExamples { .. } => "`train --help` shows what a line can be",
            TrainerFault::Unfaithful => "give `prompt` and answers as texts, with everything the model is to see",
            TrainerFault::Endless => {
                "let the template write the model's end token (`eos_token`) after what the assistant says"
            }
            TrainerFault::NoObjective { .. } => {
                "name sft, dpo, kto, orpo, simpo, cpo, reward, prm, grpo, rloo, ppo or distill; a method of \
                 `autodidact list`; or a learner of `autodidact list --all`"
            }
            TrainerFault::MergedAdapter { .. } => {
                "merge it (`convert MODEL OUT --merge ADAPTER`) and train a new adapter on what comes out (--lora 16)"
            }
            TrainerFault::Taken { .. } => "name a folder that is not there yet",
            TrainerFault::Shares { .. } => "give each a share above 0, below 1 in all: --mix more.jsonl=0.2",
            TrainerFault::AnotherTraining { .. } => {
                "repeat the settings, seed, model and data of that training, or name another folder"
            }
            TrainerFault::UnclearLine { .. } => {
                "a line is an object such as {\"prompt\": \"…\"}, {\"messages\": […]} or {\"tokens\": […]}; docs/json.md has all"
            }
        };
        Some(hint.into())
    }
}
