//! How often the loop turns, what it remembers, and when a round counts.

use serde::{Deserialize, Serialize};

recipe::part! {
    /// Rounds, what each begins with, what it remembers, and the gate that its model must pass.
    pub struct Rounds = "repeat", version 2 {
        /// At most this many rounds.
        pub rounds: u32 = 3, "ours";
        /// What each round's training begins with: the kept model of the round before, or the base model.
        pub start_from: StartFrom = StartFrom::Previous, "expert iteration; STaR, RFT and ReST-EM begin with the base";
        /// Rounds whose chosen attempts are taught again beside the new ones; 0 teaches only the new.
        pub memory: u32 = 0, "ours: what STaR and ReST-EM do";
        /// What a round's model must pass on the frozen held-out tasks to be kept.
        pub gate: Gate = Gate::NotWorse, "ours: naive self-training can make a model worse";
        /// A world or data file on which no round may make the model surely worse, whatever it gains elsewhere; empty names
        /// none. Its tasks are never trained on.
        pub forgetting: String = String::new(), "ours: a gain on one skill can cost another";
        /// At most this many tasks of it: of its test split first.
        pub forgetting_tasks: usize = 200, "ours";
        /// The run stops when a larger share of a round's attempts cannot be judged.
        pub unsettled_limit: f64 = 0.2, "ours";
    }
}

/// What a round's training begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartFrom {
    /// The kept model of the round before.
    Previous,
    /// The base model, every round.
    Base,
}

/// The paired test on held-out tasks that decides whether a round's model is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Keep every round's model.
    Always,
    /// Keep it unless it is worse: unless the 95 % interval of the paired difference lies below zero.
    NotWorse,
    /// Keep it only if it is better: only if the interval lies above zero.
    Better,
}
