//! How many rounds there are, what is carried between them, and what the gate requires.

use serde::{Deserialize, Serialize};

recipe::part! {
    /// Says how many rounds there are, what each starts from, and what its model must pass.
    pub struct Rounds = "repeat", version 2 {
        /// At most this many rounds.
        pub rounds: u32 = 3, "ours";
        /// What each round's training starts from: the kept model of the round before (`previous`),
        /// or the `base` model.
        pub start_from: StartFrom = StartFrom::Previous, "expert iteration; STaR, RFT and ReST-EM begin with the base";
        /// What is carried from round to round besides the weights: nothing (`weights`), the
        /// `optimizer` state, or that and the `schedule`.
        pub carry: Carry = Carry::Weights, "ours: every round's training begins afresh";
        /// Decay of the moving average of the rounds' models, which can be a learner's reference
        /// (`reference = "average"`); 0 computes none.
        pub average: f64 = 0.0, "none; Ramé et al. 2024, arXiv 2406.16768, hold to such a one", 0.0..=1.0;
        /// A round's model is the mean of what it learned and of this many models kept before it; 0
        /// takes no mean.
        pub soup: u32 = 0, "none; Wortsman et al. 2022, arXiv 2203.05482";
        /// Rounds whose chosen attempts are taught again beside the new ones; 0 teaches only the
        /// new.
        pub memory: u32 = 0, "ours: what STaR and ReST-EM do";
        /// What a round's model must pass on the held-out tasks to be kept: `not-lower`,
        /// `not-worse`, `better` or `always`.
        pub gate: Gate = Gate::NotLower, "ours: naive self-training can make a model worse";
        /// A world or data file on which no round may make the model significantly worse, whatever
        /// it gains elsewhere; empty names none. Its tasks are never trained on.
        pub forgetting: String = String::new(), "ours: a gain on one skill can cost another";
        /// At most this many tasks of it: of its test split first.
        pub forgetting_tasks: usize = 200, "ours";
        /// The reported measures are taken of the base model, every this many rounds, and after the
        /// last round; after the others only greedy accuracy is. If a budget ends the run early,
        /// its last round may have greedy accuracy only.
        pub report_every: u32 = 1, "ours: curves are worth their price";
        /// The run stops when a larger share of a round's attempts cannot be judged.
        pub unsettled_limit: f64 = 0.2, "ours", 0.0..=1.0;
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

/// What is carried from round to round besides the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carry {
    /// Nothing.
    Weights,
    /// The optimizer state with its count of steps. It is kept beside the weights.
    Optimizer,
    /// That, and one schedule over all rounds, as if each had as many steps.
    Schedule,
}

/// The paired test on held-out tasks that decides whether a round's model is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Keep every round's model.
    Always,
    /// Keep it unless its mean on the held-out tasks is below that of the model kept so far. Small
    /// steps, none of them significant, may add up; whether they did, the end of the run says by a
    /// comparison with the base model.
    NotLower,
    /// Keep it unless it is significantly worse: unless the 95 % interval of the paired difference
    /// lies below zero. A mean that is lower by chance passes, several such rounds in a row too.
    NotWorse,
    /// Keep it only if it is better: only if the interval lies above zero.
    Better,
}
