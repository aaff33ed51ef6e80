//! The sizes of model that are measured.

use faults::Outcome;
use networks::{Config, DeviceKind, Rope};
use nouns::{Random, Vocabulary};
use tokens::Tokens;

/// A size of model with its batches: those of `benches/rivals/torch_speed.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its name.
    pub name: &'static str,
    pub(crate) vocabulary: usize,
    pub(crate) width: usize,
    pub(crate) layers: usize,
    pub(crate) heads: usize,
    pub(crate) key_value_heads: usize,
    pub(crate) feed_forward: usize,
    /// Whether the table of tokens is the head, too.
    pub(crate) tied: bool,
    /// Sequences of a training batch, and their length.
    pub(crate) train: (usize, usize),
    /// Sequences decoded at a time.
    pub(crate) decode: usize,
}

/// The sizes, smallest first.
pub const SIZES: [Size; 7] = [
    Size {
        name: "0.8M",
        vocabulary: 64,
        width: 128,
        layers: 4,
        heads: 4,
        key_value_heads: 4,
        feed_forward: 344,
        tied: false,
        train: (64, 64),
        decode: 64,
    },
    Size {
        name: "5M",
        vocabulary: 512,
        width: 256,
        layers: 6,
        heads: 8,
        key_value_heads: 8,
        feed_forward: 688,
        tied: false,
        train: (32, 128),
        decode: 32,
    },
    Size {
        name: "34M",
        vocabulary: 8192,
        width: 512,
        layers: 8,
        heads: 8,
        key_value_heads: 8,
        feed_forward: 1376,
        tied: false,
        train: (8, 256),
        decode: 8,
    },
    Size {
        name: "91M",
        vocabulary: 8192,
        width: 768,
        layers: 12,
        heads: 12,
        key_value_heads: 12,
        feed_forward: 2048,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
    // SmolLM2's shapes, and Llama-3.2-1B's: those from here on are for GPUs.
    Size {
        name: "135M",
        vocabulary: 49152,
        width: 576,
        layers: 30,
        heads: 9,
        key_value_heads: 3,
        feed_forward: 1536,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
    Size {
        name: "360M",
        vocabulary: 49152,
        width: 960,
        layers: 32,
        heads: 15,
        key_value_heads: 5,
        feed_forward: 2560,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
    Size {
        name: "1B",
        vocabulary: 128_256,
        width: 2048,
        layers: 16,
        heads: 32,
        key_value_heads: 8,
        feed_forward: 8192,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
];

/// Those that a device is measured at where none are asked for.
pub fn usual(kind: DeviceKind) -> &'static [Size] {
    if kind.is_processor() { &SIZES[..5] } else { &SIZES[4..] }
}

/// Tokens of a decoding prompt, and new tokens after it.
pub(crate) const PROMPT: usize = 16;
pub(crate) const NEW: usize = 64;

pub(crate) fn config(size: &Size) -> Config {
    Config {
        vocab_size: size.vocabulary,
        hidden_size: size.width,
        intermediate_size: size.feed_forward,
        num_hidden_layers: size.layers,
        num_attention_heads: size.heads,
        num_key_value_heads: size.key_value_heads,
        tie_word_embeddings: size.tied,
        head_dim: size.width / size.heads,
        max_position_embeddings: 512,
        rope: Rope::plain(10_000.0, size.width / size.heads),
        ..Config::default()
    }
}

/// A tokenizer of the right size. Its end token is one in `vocabulary`: an answer may end early,
/// and fewer tokens count.
pub(crate) fn tokens(size: &Size) -> Outcome<Tokens> {
    /// Special tokens that a tokenizer adds.
    const SPECIAL: usize = 4;
    Tokens::of_vocabulary(&Vocabulary { words: (SPECIAL..size.vocabulary).map(|word| format!("w{word}")).collect() })
}

pub(crate) fn draw(size: &Size, random: &mut Random, length: usize) -> Vec<u32> {
    (0..length).map(|_| random.below(size.vocabulary) as u32).collect()
}
