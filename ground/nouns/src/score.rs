use serde::{Deserialize, Serialize};

/// One measured figure. The per-item values are kept, so that two models can be compared item by
/// item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The metric, by its field name: `accuracy`, `pass@16`, `majority@16`, `likeliest@16`.
    pub metric: String,
    /// What it was measured on, for example `game24/test`.
    pub on: String,
    /// Mean over the settled items; `None` if none was settled.
    pub value: Option<f64>,
    /// The items' names (canonical tasks), in order. `[items]`
    pub items: Vec<String>,
    /// Per item, or `None` where it could not be judged. `[items]`
    pub per_item: Vec<Option<f64>>,
}

impl Score {
    /// A score from its items; the value is the mean over the settled ones.
    pub fn new(metric: impl Into<String>, on: impl Into<String>, items: Vec<(String, Option<f64>)>) -> Self {
        let (items, per_item): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        let settled: Vec<f64> = per_item.iter().copied().flatten().collect();
        let value = (!settled.is_empty()).then(|| settled.iter().sum::<f64>() / settled.len() as f64);
        Score { metric: metric.into(), on: on.into(), value, items, per_item }
    }

    /// The split that it was measured on: what stands after the last `/` of `on`.
    pub fn split(&self) -> &str {
        self.on.rsplit('/').next().unwrap_or_default()
    }

    /// `metric on`: the name used in JSON and tables, for example `accuracy on game24/test`.
    pub fn name(&self) -> String {
        format!("{} on {}", self.metric, self.on)
    }
}
