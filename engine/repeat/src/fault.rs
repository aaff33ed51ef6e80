use std::path::PathBuf;

use faults::{Code, Fault};
use nouns::LessonKind;

/// What can be wrong with a run as a whole.
#[derive(Debug, thiserror::Error)]
pub enum RepeatFault {
    /// A world without a language of its own needs a model.
    #[error("`{world}` has no language that a model could be taught from nothing")]
    NoModel {
        /// The world or file.
        world: String,
    },
    /// A model that does not know the world's words.
    #[error("the model does not speak the language of `{world}`: {why}")]
    Stranger {
        /// The world.
        world: String,
        /// The first word that it does not know.
        why: String,
    },
    /// A line of a file that cannot be read.
    #[error("line {line}: {why}")]
    BadLine {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A line of training data that cannot be used.
    #[error("line {line}: {why}")]
    BadExample {
        /// Its number, from 1.
        line: u32,
        /// What is wrong with it.
        why: String,
    },
    /// A template that writes a prompt otherwise when an answer follows.
    #[error("the chat template writes this prompt differently when an answer follows it, or leaves the answer out")]
    Unfaithful,
    /// A template that does not end answers.
    #[error("the chat template writes no end token behind an answer: a model taught so would never end")]
    Endless,
    /// Nothing of this name learns.
    #[error("`{name}` is no learner, and no method that has one")]
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
    /// A file beside a model that cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line that says too little or too much.
    #[error("{wanted} is needed")]
    UnclearLine {
        /// What would do.
        wanted: &'static str,
    },
    /// A reproduction that compares an arm which it does not run.
    #[error("the reproduction `{name}` speaks of an arm `{arm}`, and has none of that name")]
    NoArm {
        /// The reproduction.
        name: String,
        /// The arm.
        arm: String,
    },
    /// The system gives no threads to work with.
    #[error("no threads could be begun: {why}")]
    NoThreads {
        /// What the system says.
        why: String,
    },
    /// A reproduction whose arm names no recipe.
    #[error("there is no recipe `{name}`")]
    NoRecipe {
        /// What was named.
        name: String,
    },
    /// A budget that cannot be read.
    #[error("`{text}` is no budget")]
    NoBudget {
        /// What was written.
        text: String,
    },
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
    /// Too many attempts could not be judged.
    #[error("{unsettled} of {attempts} attempts in round {round} could not be judged ({example})")]
    Unsettled {
        /// The round.
        round: u32,
        /// Attempts that could not be judged.
        unsettled: usize,
        /// Attempts in all.
        attempts: usize,
        /// One of the reasons.
        example: String,
    },
    /// Nothing to train on.
    #[error("no task is left to train on: {held_out} of {tasks} are held out")]
    NoTasks {
        /// Tasks of the training split.
        tasks: usize,
        /// Of them held out.
        held_out: usize,
    },
    /// The recipe asks for nothing to be done.
    #[error("the recipe's `{key}` is empty")]
    EmptyKey {
        /// The key.
        key: &'static str,
    },
    /// What is chosen is not what the learner executes.
    #[error("`{part}` learns from {takes}, and this recipe's `choose` leaves {made}")]
    Mismatch {
        /// The learner.
        part: &'static str,
        /// What it executes.
        takes: LessonKind,
        /// What it would be given.
        made: LessonKind,
        /// What to do.
        cure: &'static str,
    },
    /// A learner is held to a moving average that nobody keeps.
    #[error("`{part}` is held to the moving average of the models, and none is kept")]
    NoAverage {
        /// The learner.
        part: &'static str,
    },
    /// Shares of other files that leave nothing for the first, or are none.
    #[error("the shares of the other files sum to {sum}")]
    Shares {
        /// Their sum.
        sum: f64,
    },
    /// A checkpoint that another training left.
    #[error("{path} is a checkpoint of another training")]
    AnotherTraining {
        /// The checkpoint.
        path: PathBuf,
    },
    /// A part asks for a role that nobody plays.
    #[error("a part asks the role `{role}`, and the recipe has {}", if known.is_empty() { "none" } else { known })]
    NoRole {
        /// The role.
        role: String,
        /// The roles that there are.
        known: String,
    },
    /// Labelled steps for a model that learns no values.
    #[error("the role `{role}` is shown labelled steps, and does not learn values")]
    NoValues {
        /// The role.
        role: String,
    },
    /// Adapting to a task by its right answer.
    #[error("`adapt` asks for right answers, and it is the reported tasks that it adapts to")]
    AdaptsToAnswers,
    /// Adapting to a task by another model.
    #[error("`adapt` asks the role `{role}`, and it has the model alone")]
    AdaptsByRole {
        /// The role.
        role: String,
    },
    /// A model that cannot see a whole answer.
    #[error("the model sees {sees} tokens; the longest text of `{world}` has {needs}")]
    ShortContext {
        /// What it sees.
        sees: usize,
        /// What it would have to see.
        needs: usize,
        /// The world.
        world: String,
    },
    /// The output of a stage changed between being looked at and being read.
    #[error("{path}: {why}")]
    Damaged {
        /// The stage's folder.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A walk that only looks came to a stage that would have to run.
    #[error("a stage would have to run")]
    OnlyLooking,
    /// The run has no model that could answer.
    #[error("{run} has no model yet")]
    NoModelYet {
        /// The run.
        run: PathBuf,
    },
}

impl RepeatFault {
    /// A failure, with the line that it is about.
    pub(crate) fn on_line(line: u64, failure: &faults::Failure) -> RepeatFault {
        RepeatFault::BadLine { line, why: failure.to_string() }
    }
}

impl Fault for RepeatFault {
    fn code(&self) -> Code {
        match self {
            RepeatFault::NoModel { .. } | RepeatFault::ShortContext { .. } | RepeatFault::Unreadable { .. } => {
                Code::Model
            }
            RepeatFault::Memory { .. } | RepeatFault::NoThreads { .. } => Code::Memory,
            RepeatFault::Unsettled { .. } => Code::Unsettled,
            RepeatFault::NoTasks { .. }
            | RepeatFault::Stranger { .. }
            | RepeatFault::BadLine { .. }
            | RepeatFault::Shares { .. }
            | RepeatFault::BadExample { .. }
            | RepeatFault::Unfaithful
            | RepeatFault::Endless
            | RepeatFault::UnclearLine { .. } => Code::Data,
            RepeatFault::EmptyKey { .. }
            | RepeatFault::Mismatch { .. }
            | RepeatFault::NoRole { .. }
            | RepeatFault::NoValues { .. }
            | RepeatFault::AdaptsToAnswers
            | RepeatFault::AdaptsByRole { .. }
            | RepeatFault::NoObjective { .. }
            | RepeatFault::NoArm { .. }
            | RepeatFault::NoRecipe { .. }
            | RepeatFault::NoAverage { .. }
            | RepeatFault::NoBudget { .. } => Code::Recipe,
            RepeatFault::NoModelYet { .. }
            | RepeatFault::Damaged { .. }
            | RepeatFault::Taken { .. }
            | RepeatFault::AnotherTraining { .. } => Code::Store,
            RepeatFault::OnlyLooking => Code::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            RepeatFault::NoModel { .. } => "name a model folder with --model DIR".into(),
            RepeatFault::BadLine { .. } | RepeatFault::UnclearLine { .. } => {
                "a line is an object such as {\"prompt\": \"…\"}, {\"messages\": […]} or {\"tokens\": […]}; docs/json.md has all".into()
            }
            RepeatFault::BadExample { .. } => "mend the line or leave it out; `train --help` shows the formats".into(),
            RepeatFault::Endless => {
                "let the template write the model's end token (`eos_token`) behind what the assistant says".into()
            }
            RepeatFault::Unfaithful => "give `prompt` and answers as texts, with everything the model is to see".into(),
            RepeatFault::NoObjective { .. } => "`list` shows methods and, under `learn`, learners".into(),
            RepeatFault::NoAverage { .. } => {
                "set `repeat.average` (0.9, say), or another `reference`; models beside the policy have none".into()
            }
            RepeatFault::Shares { .. } => "give each a share above 0, below 1 in all: --mix more.jsonl=0.2".into(),
            RepeatFault::NoThreads { .. } => "ask for fewer jobs, or see what limits the threads of this user".into(),
            RepeatFault::NoArm { .. } => "name one of its `[arms]`".into(),
            RepeatFault::NoRecipe { .. } => "`list` shows the recipes".into(),
            RepeatFault::NoBudget { .. } => "write a time or tokens: `10m`, `1Mtok`".into(),
            RepeatFault::Unreadable { .. } => "check the path and who may read it".into(),
            RepeatFault::Taken { .. } => "name a folder that is not there yet".into(),
            RepeatFault::AnotherTraining { .. } => {
                "repeat the settings, seed, model and data of that training, or name another folder".into()
            }
            RepeatFault::Stranger { .. } => {
                "name a model that was taught this language, or leave out --model to make one from nothing".into()
            }
            RepeatFault::Memory { .. } => {
                "compute less at a time (--set learn.imitate.micro_batch_tokens=256), keep less of it (--set \
                 learn.imitate.recompute=true), train an adapter (--set \
                 learn.imitate.lora_rank=16), or use a smaller model (one made from nothing: --set base.width=64)"
                    .into()
            }
            RepeatFault::Unsettled { .. } => {
                "mend the checker or the data; --set repeat.unsettled_limit=1 goes on regardless".into()
            }
            RepeatFault::NoTasks { .. } => "hold out less, or use a larger set of tasks".into(),
            RepeatFault::EmptyKey { key } => format!("add a part; `list` shows those of `{key}`"),
            RepeatFault::Mismatch { cure, .. } => (*cure).into(),
            RepeatFault::NoRole { role, .. } => format!("declare it as [roles.{role}]"),
            RepeatFault::AdaptsToAnswers | RepeatFault::AdaptsByRole { .. } => {
                "let `adapt.check` be what the model itself can tell: `majority`, `consensus`, `judge`".into()
            }
            RepeatFault::NoValues { role } => {
                format!("let `roles.{role}.learn` be `value`, or leave out its `labelled`")
            }
            RepeatFault::ShortContext { .. } => "use a model with a longer context".into(),
            RepeatFault::OnlyLooking | RepeatFault::Damaged { .. } => "`resume RUN` does the stage again".into(),
            RepeatFault::NoModelYet { .. } => "let the run reach the end of round 0: `resume RUN` continues it".into(),
        })
    }
}
