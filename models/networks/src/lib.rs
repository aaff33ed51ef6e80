//! Architectures and Hugging Face checkpoints and GGUF files, in and out.
//!
//! Families differ in switches, not in code: one decoder has them all, so that what is tested for
//! one (caches, adapters, packed batches, bf16) holds for every other, and a new family is a file
//! of names.
//!
//! One decoder ([`Decoder`]), whose [`Config`] has the sizes and the [`Switches`] that families
//! differ in. A [`Family`] is a map from its `config.json` and its tensor names to ours and back:
//! one file each in `families/`. An [`Encoder`] reads whole texts and gives one vector for each.

mod adapter;
mod algebra;
mod decoders;
mod device;
mod encoders;
mod fault;
mod fields;
mod files;
mod hub;
mod known;
mod linear;
mod load;
mod numbers;
mod save;
mod weights;

pub use adapter::{Lora, LowRank, adapter_files, adapter_formats, below};
pub use burn::tensor::Device;
pub use decoders::{
    Alike, Attend, AttendRows, Config, Decoder, Family, Head, Layer, LayerKind, Need, Norm, NormKind, NormsAt, Packed,
    PatchEmbedding, Patches, Positions, Processor, QueryKeyNorm, Rope, RopeScaling, ScoreHead, ScoreKind, Sharing,
    Switches, adapter_training_bytes, mixed, sampling_bytes, training_bytes,
};
pub use device::{DeviceKind, agreements, device};
pub use encoders::Encoder;
pub use fault::ModelFault;
pub use kernels::{Activation, Precision};
pub use known::named;
pub use linear::Linear;
pub use load::{formats, from_folder, from_gguf, from_safetensors, read_config};
pub use numbers::{into_values, values};
pub use save::{NumberFormat, digest, to_files, to_gguf, to_safetensors};
pub use weights::{Weight, WeightMut};
