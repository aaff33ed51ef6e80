use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Cost, Digest};

/// One optimizer step, as it is logged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Steps are numbered from 1 within an update.
    pub step: u32,
    /// The objective's loss; for imitation the weighted mean negative log-likelihood per taught
    /// token, in nats.
    pub loss: f64,
    /// Euclidean norm of the whole gradient before clipping.
    pub grad_norm: f64,
    /// Learning rate of this step.
    pub learning_rate: f64,
    /// Tokens in the batch, context included.
    pub tokens: u64,
    /// What the objective says of the batch, by TRL's names where it has one: `rewards/margins`,
    /// `kl`, `entropy`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
}

/// What a stage of learning did to the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The model it began with.
    pub from: Digest,
    /// The model it ended with.
    pub to: Digest,
    /// Lessons it was given.
    pub lessons: u64,
    /// Every optimizer step.
    pub steps: Vec<Step>,
    /// What it cost.
    pub cost: Cost,
}
