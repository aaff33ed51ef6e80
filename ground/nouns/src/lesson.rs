use serde::{Deserialize, Serialize};

/// What teaches. `learn` executes lessons and does not know which method made them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lesson {
    /// Make these tokens likelier, each by its weight.
    Stream(Stream),
}

/// Tokens to imitate, each with a weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// The trace it comes from: `why` and the report lead back to it.
    pub trace: String,
    /// Context tokens, then answer tokens. `[length]`
    pub tokens: Vec<u32>,
    /// Weight of predicting `tokens[i]` from what precedes it; 0 for context, so that no gradient comes from it. `[length]`
    pub weights: Vec<f32>,
}

impl Stream {
    /// A stream whose answer tokens all weigh the same and whose context weighs nothing.
    pub fn new(trace: impl Into<String>, context: &[u32], answer: &[u32], weight: f32) -> Self {
        let mut weights = vec![0.0; context.len()];
        weights.resize(context.len() + answer.len(), weight);
        Stream { trace: trace.into(), tokens: [context, answer].concat(), weights }
    }

    /// How many tokens carry a gradient.
    pub fn taught(&self) -> usize {
        self.weights.iter().filter(|&&w| w != 0.0).count()
    }
}
