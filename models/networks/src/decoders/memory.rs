//! What work will need, estimated before it starts.

use kernels::Precision;

use crate::{Config, NormsAt, QueryKeyNorm};

/// An estimate of memory, with its parts, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What each part is for, and its bytes.
    pub parts: Vec<(&'static str, u64)>,
}

impl Need {
    /// Bytes in all.
    pub fn total(&self) -> u64 {
        self.parts.iter().fold(0, |sum: u64, (_, bytes)| sum.saturating_add(*bytes))
    }
}

const F32: u64 = 4;

/// To train with AdamW, `tokens` tokens computed at a time: five times the weights (themselves,
/// gradients summed and of the micro-batch at hand, two moments) and the activations, of which
/// those inside of layers may be computed again instead of kept.
pub fn training_bytes(config: &Config, tokens: u64, recompute: bool) -> Need {
    let weights = config.parameters().saturating_mul(F32);
    Need {
        parts: vec![
            ("weights", weights),
            ("gradients", weights.saturating_mul(2)),
            ("optimizer state", weights.saturating_mul(2)),
            ("activations", activations(config, tokens, recompute)),
        ],
    }
}

/// Bytes to train an adapter with this many numbers: the frozen weights, five times the adapter (as
/// above), and the activations.
pub fn adapter_training_bytes(config: &Config, tokens: u64, recompute: bool, adapter: u64) -> Need {
    Need {
        parts: vec![
            ("weights", config.parameters().saturating_mul(F32)),
            ("adapter", adapter.saturating_mul(F32)),
            ("gradients", adapter.saturating_mul(2 * F32)),
            ("optimizer state", adapter.saturating_mul(2 * F32)),
            ("activations", activations(config, tokens, recompute)),
        ],
    }
}

/// Most bytes of logits that a thread holds at a time.
const LOGITS: u64 = 64 << 20;

/// What the backward pass keeps: what those of one layer keep (its input and normed copies,
/// queries, keys, values, attention's output, the branches of the feed-forward network and their
/// product), and the logits of one block of rows. Where layers are computed again, one layer's and
/// every layer's input.
fn activations(config: &Config, tokens: u64, recompute: bool) -> u64 {
    let (width, inner) = (config.hidden_size as u64, config.intermediate_size as u64);
    let (queries, keys) = (config.heads().width() as u64, config.heads().kv_width() as u64);
    let switches = &config.switches;
    let norms = if switches.norms_at == NormsAt::Around { 2 * width } else { 0 };
    let normed = if switches.query_key_norm == QueryKeyNorm::Absent { 0 } else { queries + keys };
    let layer = 6 * width + norms + 3 * queries + 3 * keys + normed + 3 * inner;
    let layers = config.num_hidden_layers as u64;
    let rows = 4 * width + if recompute { layer + layers.saturating_mul(width) } else { layer.saturating_mul(layers) };
    // the backward pass holds their gradients as well
    let layers = tokens.saturating_mul(2 * F32).saturating_mul(rows);
    layers.saturating_add(tokens.saturating_mul(config.vocab_size as u64 * F32).min(LOGITS))
}

/// To sample `sequences` at a time, with room for the keys and values of `positions` tokens in all.
/// The cache holds every position, also of layers that see a window; matrices are there once more,
/// in the order in which decoding reads them.
pub fn sampling_bytes(config: &Config, sequences: u64, positions: u64) -> Need {
    let keys = config.heads().kv_width() as u64;
    let number = match config.precision {
        Precision::F32 => F32,
        Precision::Bf16 => F32 / 2,
    };
    let cache = positions.saturating_mul(2 * keys * number).saturating_mul(config.num_hidden_layers as u64);
    let wide = (config.intermediate_size * 3 + config.hidden_size * 6 + config.vocab_size) as u64;
    Need {
        parts: vec![
            ("weights", config.parameters().saturating_mul(F32)),
            ("weights for decoding", config.parameters().saturating_mul(number)),
            ("key-value cache", cache),
            ("activations", sequences.saturating_mul(wide * F32)),
        ],
    }
}
