//! Architectures and Hugging Face checkpoints, in and out.

mod checkpoint;
mod config;
mod decoder;
mod device;
mod fault;
mod memory;
mod numbers;
mod packed;

pub use burn::tensor::Device;
pub use checkpoint::{digest, from_folder, from_safetensors, read_config, to_files, to_safetensors};
pub use config::Config;
pub use decoder::{Attend, Decoder, Layer, Weight, WeightMut};
pub use device::{DeviceKind, device};
pub use fault::ModelFault;
pub use memory::{Need, sampling_bytes, training_bytes};
pub use numbers::values;
pub use packed::Packed;
