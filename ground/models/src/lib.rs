//! Architectures and Hugging Face checkpoints, in and out.
