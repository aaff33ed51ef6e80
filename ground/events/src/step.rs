//! Steps as JSON. JSON has no NaN and writes `null`; a step that diverged must be readable all the
//! same.

use std::collections::BTreeMap;

use nouns::Step;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn serialize<S: Serializer>(step: &Step, serializer: S) -> Result<S::Ok, S::Error> {
    step.serialize(serializer)
}

#[derive(Deserialize)]
struct Written {
    step: u32,
    loss: Option<f64>,
    grad_norm: Option<f64>,
    learning_rate: Option<f64>,
    tokens: u64,
    #[serde(default)]
    metrics: BTreeMap<String, Option<f64>>,
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Step, D::Error> {
    let written = Written::deserialize(deserializer)?;
    Ok(Step {
        step: written.step,
        loss: written.loss.unwrap_or(f64::NAN),
        grad_norm: written.grad_norm.unwrap_or(f64::NAN),
        learning_rate: written.learning_rate.unwrap_or(f64::NAN),
        tokens: written.tokens,
        metrics: written.metrics.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect(),
    })
}
