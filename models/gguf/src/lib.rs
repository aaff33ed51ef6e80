//! Model files of llama.cpp (GGUF) as the folders that the rest reads.
//!
//! A [`Gguf`] shows one file as a Hugging Face folder: its tensors under the names and in the
//! layouts of `transformers`, dequantised to f32 row by row ([`Gguf::rows`]), and the texts that
//! stand beside weights, made of its metadata ([`Gguf::texts`]): `config.json`, `tokenizer.json`,
//! `tokenizer_config.json`, `generation_config.json`.
//!
//! The other way around, [`to_bytes`] makes a file of a folder's configuration, texts and tensors.
//!
//! The format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>. Nothing in a file is
//! believed before it is checked against the file's own length, and what would be computed wrongly
//! is refused by name.

mod architecture;
mod blocks;
mod config;
mod fault;
mod file;
mod header;
mod keys;
mod kind;
mod metadata;
mod names;
mod rope;
mod tokenizer;
mod write;

pub use fault::GgufFault;
pub use file::{Gguf, is_gguf};
pub use kind::Kind;
pub use write::{Outgoing, to_bytes};
