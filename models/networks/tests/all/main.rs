//! Folders that transformers made, read, computed with and written; and folders that nobody should
//! have made.

mod adapters;
mod alike;
mod encoder;
mod families;
mod fixtures;
mod gguf;
mod golden;
mod heads;
mod hostile;
mod scorers;
