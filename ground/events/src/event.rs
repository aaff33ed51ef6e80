use std::collections::BTreeMap;

use nouns::Load;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a stage found, by name. The display knows [`SOLVED`] and [`TASKS`]; others are shown as
/// they are.
pub type Facts = BTreeMap<String, Value>;

/// The fact "tasks with at least one right answer".
pub const SOLVED: &str = "solved";

/// The fact "tasks that were attempted".
pub const TASKS: &str = "tasks";

/// What happens in a run.
///
/// Everything that the wall clock decides stands under keys named `time`, `seconds` or
/// `tokens_per_second`; without them ([`crate::without_clock`]) two runs of the same recipe and
/// seed tell the same events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A run begins, or is taken up again.
    RunStarted {
        /// The run folder's name.
        run: String,
        /// The recipe's name.
        recipe: String,
        /// The world or data set.
        world: String,
        /// The model it begins with.
        model: String,
        /// The device that computes.
        device: String,
        /// The run's seed.
        seed: u64,
        /// Rounds the recipe asks for; 0 if only a budget ends the run.
        rounds: u32,
    },
    /// The run had been begun before.
    Resumed {
        /// Stages whose outputs are used again.
        reused: Vec<String>,
        /// Why others run again.
        reasons: Vec<String>,
    },
    /// A round begins; round 0 makes the base model.
    RoundStarted {
        /// The round.
        round: u32,
        /// Rounds in all; 0 if unknown.
        of: u32,
    },
    /// A stage begins.
    StageStarted {
        /// The round.
        round: u32,
        /// The stage: a verb.
        stage: String,
    },
    /// A stage's earlier output is used again.
    StageReused {
        /// The round.
        round: u32,
        /// The stage.
        stage: String,
    },
    /// How far a stage is: for displays; never recorded.
    StageProgress {
        /// The round.
        round: u32,
        /// The stage.
        stage: String,
        /// Units of work done.
        done: u64,
        /// Units of work in all; 0 if unknown.
        total: u64,
        /// Tokens processed so far.
        tokens: u64,
        /// Loss of the latest step, where there is one.
        loss: Option<f64>,
        /// Recent tokens per second.
        tokens_per_second: f64,
        /// What is in flight, where sequences are sampled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        load: Option<Load>,
    },
    /// A stage's output is committed.
    StageFinished {
        /// The round.
        round: u32,
        /// The stage.
        stage: String,
        /// What it found.
        facts: Facts,
        /// How long it took.
        seconds: f64,
    },
    /// An optimizer step was taken.
    Step {
        /// The round.
        round: u32,
        /// The step.
        #[serde(with = "crate::step")]
        step: nouns::Step,
    },
    /// Something was measured.
    Scored {
        /// The round whose model was measured.
        round: u32,
        /// The metric, by its field name.
        metric: String,
        /// What it was measured on.
        on: String,
        /// The mean; `None` if nothing could be judged.
        value: Option<f64>,
        /// Lower end of its 95 % interval.
        low: Option<f64>,
        /// Upper end of its 95 % interval.
        high: Option<f64>,
        /// Items that were judged.
        n: u64,
    },
    /// The gate decided which model is kept.
    GateDecided {
        /// The round.
        round: u32,
        /// Whether the round's model is kept.
        promoted: bool,
        /// The round whose model is kept from now on.
        kept_round: u32,
        /// Why, in words.
        why: String,
    },
    /// One example as the learner sees it, before it learns.
    ExampleShown {
        /// The round.
        round: u32,
        /// Its words, joined by single spaces in a display.
        words: Vec<Word>,
    },
    /// Tasks were kept out of training.
    HeldOut {
        /// How many.
        dropped: u64,
        /// What asked for it: an evaluation set, a file.
        by: String,
    },
    /// Something a person should know, that stops nothing.
    Warned {
        /// What.
        what: String,
    },
    /// A checkpoint or a part of a stage cannot be trusted; an older one is used.
    CheckpointDamaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
        /// What is used in its place.
        instead: String,
    },
    /// The run is over.
    Ended {
        /// Whether anything was learned.
        learned: bool,
        /// The conclusion in plain words, a sentence each.
        why: Vec<String>,
        /// The round whose model is the result.
        best_round: u32,
        /// How long it all took.
        seconds: f64,
    },
}

impl Event {
    /// Whether the event belongs in the record of the run. What tells of this process alone does
    /// not: how far it is, and what it found done; so that the record of a resumed run is that of
    /// an uninterrupted one.
    pub fn is_recorded(&self) -> bool {
        !matches!(self, Event::StageProgress { .. } | Event::StageReused { .. } | Event::Resumed { .. })
    }
}

/// A word of an example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Its text.
    pub text: String,
    /// Whether it carries a gradient.
    pub taught: bool,
}
