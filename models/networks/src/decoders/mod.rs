//! Decoders: language models that read from left to right, all families in one definition.
//!
//! Layers are written once over an algebra, so that training's tensors and decoding's plain slices
//! compute the same; a family adds switches and names, never a layer of its own.

pub(crate) mod alike;
pub(crate) mod attend;
pub(crate) mod config;
pub(crate) mod decoder;
pub(crate) mod dialects;
pub(crate) mod families;
pub(crate) mod family;
pub(crate) mod layer;
pub(crate) mod memory;
pub(crate) mod mix;
pub(crate) mod norm;
pub(crate) mod packed;
pub(crate) mod patches;
pub(crate) mod processor;
pub(crate) mod rope;
pub(crate) mod score_head;
pub(crate) mod scored;

pub use alike::Alike;
pub use attend::Attend;
pub use config::{Config, LayerKind, NormKind, NormsAt, Positions, QueryKeyNorm, Switches};
pub use decoder::Decoder;
pub use family::Family;
pub use layer::Layer;
pub use memory::{Need, adapter_training_bytes, sampling_bytes, training_bytes};
pub use mix::mixed;
pub use norm::Norm;
pub use packed::Packed;
pub use patches::{PatchEmbedding, Patches};
pub use processor::{AttendRows, Head, Processor, Sharing};
pub use rope::{Rope, RopeScaling};
pub use score_head::{ScoreHead, ScoreKind};
