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
    /// A model whose vocabulary lacks words of the world's tasks.
    #[error("the model's vocabulary lacks words of `{world}`: {why}")]
    VocabularyMismatch {
        /// The world.
        world: String,
        /// The first word that it does not know.
        why: String,
    },
    /// A task that shows a picture, and a model that cannot see.
    #[error("the task `{task}` of `{world}` has {picture} in its prompt, which {model} cannot see")]
    Blind {
        /// The task's canonical form.
        task: String,
        /// The world.
        world: String,
        /// The picture, with its path and its column.
        picture: String,
        /// The model.
        model: String,
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
    /// A classifier of tasks that are not labelled.
    #[error("the answers of `{world}` are no labels that a classifier could choose among")]
    NoLabels {
        /// The world or file.
        world: String,
    },
    /// A classifier of tasks without features.
    #[error("task `{task}` has no features")]
    NoFeatures {
        /// The task.
        task: String,
    },
    /// Nothing to train on.
    #[error("no task is left to train on: all {tasks} are held out by {by}")]
    NoTasks {
        /// Tasks of the training split.
        tasks: usize,
        /// What holds out the last of them.
        by: String,
    },
    /// A recipe that judges by right answers, on tasks that have none.
    #[error("{missing} of the {tasks} tasks of `{world}` have no right answer, and the recipe judges by them")]
    NoAnswers {
        /// The data file.
        world: String,
        /// Tasks without an answer.
        missing: usize,
        /// Tasks in all.
        tasks: usize,
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
    /// A learner whose reference is a moving average that is not computed.
    #[error("`{part}` has the moving average of the models as its reference, and none is computed")]
    NoAverage {
        /// The learner.
        part: &'static str,
    },
    /// A part asks a model that the recipe does not have.
    #[error("a part asks the model `{model}`, and the recipe has {}", if known.is_empty() { "none beside the policy" } else { known })]
    NoSuchModel {
        /// The model.
        model: String,
        /// The models that there are.
        known: String,
    },
    /// A model that is itself in the end.
    #[error("the model `{model}` is another, which is another, and so on in a circle")]
    ModelCircle {
        /// The model.
        model: String,
    },
    /// A model over the network, which nobody can ask yet.
    #[error("the model `{model}` is the endpoint {address}, and endpoints cannot be asked yet")]
    NoEndpoints {
        /// The model.
        model: String,
        /// The address.
        address: String,
    },
    /// A model without tokens where tokens are needed.
    #[error("the model `{model}` answers in words alone, and {why}")]
    NoTokens {
        /// The model.
        model: String,
        /// What needs them.
        why: &'static str,
    },
    /// An entry of the policy that says more than what it is.
    #[error("`models.policy` says more than what the policy is in the beginning: it learns by the recipe's own keys")]
    PolicyEntry,
    /// An entry whose settings do not go together.
    #[error("the model `{model}`: {why}")]
    UnfitModel {
        /// The model.
        model: String,
        /// What does not go together.
        why: &'static str,
    },
    /// A model that reads other tokens than the policy writes.
    #[error("the model `{model}` is asked about the policy's tokens, and has another tokenizer")]
    OtherTokens {
        /// The model.
        model: String,
    },
    /// A grade by votes.
    #[error("`{part}` compares the attempts at a task with one another, and what is graded is one greedy answer")]
    GradeVotes {
        /// The checker.
        part: &'static str,
    },
    /// A grade by a model that changes while it grades.
    #[error("`{part}` asks the model `{model}`, which learns during the run: what grades must stay the same")]
    GradeLearns {
        /// The checker.
        part: &'static str,
        /// The model.
        model: String,
    },
    /// Labelled steps for a model that learns no values.
    #[error("the model `{model}` is shown labelled steps, and does not learn values")]
    NoValues {
        /// The model.
        model: String,
    },
    /// Adapting to a task by its right answer.
    #[error("`adapt` asks for right answers, and it is the reported tasks that it adapts to")]
    AdaptsToAnswers,
    /// Adapting to a task by another model.
    #[error("`adapt` asks the model `{model}`, and it has the policy alone")]
    AdaptsByModel {
        /// The model.
        model: String,
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

impl Fault for RepeatFault {
    fn code(&self) -> Code {
        match self {
            RepeatFault::NoModel { .. } | RepeatFault::ShortContext { .. } | RepeatFault::OtherTokens { .. } => {
                Code::Model
            }
            RepeatFault::Unsettled { .. } => Code::Unsettled,
            RepeatFault::NoTasks { .. }
            | RepeatFault::NoAnswers { .. }
            | RepeatFault::NoLabels { .. }
            | RepeatFault::NoFeatures { .. }
            | RepeatFault::VocabularyMismatch { .. }
            | RepeatFault::Blind { .. } => Code::Data,
            RepeatFault::EmptyKey { .. }
            | RepeatFault::Mismatch { .. }
            | RepeatFault::NoSuchModel { .. }
            | RepeatFault::ModelCircle { .. }
            | RepeatFault::NoEndpoints { .. }
            | RepeatFault::NoTokens { .. }
            | RepeatFault::PolicyEntry
            | RepeatFault::UnfitModel { .. }
            | RepeatFault::NoValues { .. }
            | RepeatFault::GradeVotes { .. }
            | RepeatFault::GradeLearns { .. }
            | RepeatFault::AdaptsToAnswers
            | RepeatFault::AdaptsByModel { .. }
            | RepeatFault::NoAverage { .. } => Code::Recipe,
            RepeatFault::NoModelYet { .. } | RepeatFault::Damaged { .. } => Code::Store,
            RepeatFault::OnlyLooking => Code::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            RepeatFault::NoModel { .. } => "name a model folder with --model DIR".into(),
            RepeatFault::Blind { .. } => {
                "use a model that sees, or leave the column of pictures out of the file; a picture is never left out silently".into()
            }
            RepeatFault::NoAverage { .. } => {
                "set `repeat.average` (0.9, say), or another `reference`; models beside the policy have none".into()
            }
            RepeatFault::VocabularyMismatch { .. } => {
                "name a model that was trained on this world, or leave out --model to make one from nothing".into()
            }
            RepeatFault::Unsettled { .. } => {
                "mend the checker or the data; --set repeat.unsettled_limit=1 goes on regardless".into()
            }
            RepeatFault::NoAnswers { .. } => {
                "say which column holds them (--columns answer=OWN), or take a method that needs none; a higher --set \
                 repeat.unsettled_limit=… goes on with those there are"
                    .into()
            }
            RepeatFault::NoLabels { .. } | RepeatFault::NoFeatures { .. } => {
                "give rows such as {\"features\": [0.5, 2.0], \"label\": \"yes\"}, with two labels or more".into()
            }
            RepeatFault::NoTasks { .. } => "hold out less, or use a larger set of tasks".into(),
            RepeatFault::EmptyKey { key } => format!("add a part; `autodidact list --all` shows those of `{key}`"),
            RepeatFault::Mismatch { cure, .. } => (*cure).into(),
            RepeatFault::NoSuchModel { model, .. } => format!("declare it as [models.{model}]"),
            RepeatFault::ModelCircle { .. } => "let one of them be `base`, `fresh`, a folder or `policy`".into(),
            RepeatFault::NoEndpoints { .. } | RepeatFault::NoTokens { .. } => "name a model folder, or another model of the run".into(),
            RepeatFault::PolicyEntry => {
                "leave `is` alone in it (`fresh` or a folder), and put the rest on top of the recipe, or into [base]".into()
            }
            RepeatFault::UnfitModel { .. } => "`autodidact explain RECIPE` shows what the settings of a model mean".into(),
            RepeatFault::OtherTokens { .. } => {
                "let a checker that reads text ask it, such as `judge`, or name a model of the policy's family".into()
            }
            RepeatFault::AdaptsToAnswers | RepeatFault::AdaptsByModel { .. } => {
                "let `adapt.check` be what the model itself can tell: `majority`, `consensus`, `judge`".into()
            }
            RepeatFault::GradeVotes { .. } | RepeatFault::GradeLearns { .. } => {
                "grade by `verify`, or by a model that learns nothing, as `judge` does: of itself it asks the run's base model".into()
            }
            RepeatFault::NoValues { model } => {
                format!("let `models.{model}.learn` be `value`, or leave out its `labelled`")
            }
            RepeatFault::ShortContext { .. } => "use a model with a longer context".into(),
            RepeatFault::OnlyLooking | RepeatFault::Damaged { .. } => "`autodidact resume RUN` does the stage again".into(),
            RepeatFault::NoModelYet { .. } => "let the run reach the end of round 0: `autodidact resume RUN` continues it".into(),
        })
    }
}
