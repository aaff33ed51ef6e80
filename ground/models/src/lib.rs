//! Architectures and Hugging Face checkpoints, in and out.
//!
//! Families differ in switches, not in code: one decoder has them all, so that what is tested for
//! one (caches, adapters, packed batches, bf16) holds for every other, and a new family is a file
//! of names.
//!
//! One decoder ([`Decoder`]), whose [`Config`] has the sizes and the [`Switches`] that families
//! differ in. A [`Family`] is a map from its `config.json` and its tensor names to ours and back:
//! one file each in `families/`.

mod adapter;
mod algebra;
mod alike;
mod attend;
mod config;
mod decoder;
mod device;
mod dialects;
mod families;
mod family;
mod fault;
mod fields;
mod files;
mod hub;
mod layer;
mod linear;
mod load;
mod memory;
mod mix;
mod norm;
mod numbers;
mod packed;
mod processor;
mod rope;
mod save;
mod score_head;
mod scored;
mod sight;
mod weights;

pub use adapter::{Lora, LowRank, adapter_files, adapter_formats};
pub use alike::Alike;
pub use attend::Attend;
pub use burn::tensor::Device;
pub use config::{Config, LayerKind, NormKind, NormsAt, Positions, QueryKeyNorm, Switches};
pub use decoder::Decoder;
pub use device::{DeviceKind, agreements, device};
pub use family::Family;
pub use fault::ModelFault;
pub use kernels::{Activation, Precision};
pub use layer::Layer;
pub use linear::Linear;
pub use load::{formats, from_folder, from_safetensors, read_config};
pub use memory::{Need, adapter_training_bytes, sampling_bytes, training_bytes};
pub use mix::mixed;
pub use norm::Norm;
pub use numbers::{into_values, values};
pub use packed::Packed;
pub use processor::{AttendRows, Head, Processor, Sharing};
pub use rope::{Rope, RopeScaling};
pub use save::{NumberFormat, digest, to_files, to_safetensors};
pub use score_head::{ScoreHead, ScoreKind};
pub use sight::{Sight, Squares};
pub use weights::{Weight, WeightMut};
