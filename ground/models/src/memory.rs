//! What work will need, estimated before it starts.

use crate::Config;

/// An estimate of memory, with its parts, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What each part is for, and its bytes.
    pub parts: Vec<(&'static str, u64)>,
}

impl Need {
    /// Bytes in all.
    pub fn total(&self) -> u64 {
        self.parts.iter().map(|(_, bytes)| bytes).sum()
    }
}

const F32: u64 = 4;

/// To train with AdamW on batches of `tokens` tokens, f32 throughout.
///
/// Activations: what the backward passes of one layer keep (its input and normed copies, queries, keys, values,
/// attention's output, both branches of the feed-forward network and their product), and the logits of one block of rows.
pub fn training_bytes(config: &Config, tokens: u64) -> Need {
    let weights = config.parameters() * F32;
    let (width, inner) = (config.hidden_size as u64, config.intermediate_size as u64);
    let heads = (config.num_attention_heads * config.head_dim) as u64;
    let keys = (config.num_key_value_heads * config.head_dim) as u64;
    let layer = 6 * width + 3 * heads + 3 * keys + 3 * inner;
    let activations = tokens * F32 * (layer * config.num_hidden_layers as u64 + 4 * width);
    Need {
        parts: vec![
            ("weights", weights),
            ("gradients", weights),
            ("optimizer state", 2 * weights),
            ("activations", 2 * activations), // the backward pass holds their gradients as well
        ],
    }
}

/// To sample `sequences` at a time of at most `length` tokens each, f32 throughout.
pub fn sampling_bytes(config: &Config, sequences: u64, length: u64) -> Need {
    let keys = (config.num_key_value_heads * config.head_dim) as u64;
    let cache = sequences * length * 2 * keys * config.num_hidden_layers as u64 * F32;
    let wide = (config.intermediate_size * 3 + config.hidden_size * 6 + config.vocab_size) as u64;
    Need {
        parts: vec![
            ("weights", config.parameters() * F32),
            ("key-value cache", cache),
            ("activations", sequences * wide * F32),
        ],
    }
}
