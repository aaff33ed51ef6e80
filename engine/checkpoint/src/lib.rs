//! A checkpoint: a model in memory and as a folder, with its tokenizer, its device and the
//! optimizer state that goes on with it, and the memory that work with it takes.
//!
//! It stands between the verbs and all that has models: the loop, the trainer without a loop, the
//! folder tools, the benchmarks. None of these has to know another in order to open a model.

mod fault;
mod memory;
mod model;

pub use fault::CheckpointFault;
pub use memory::{available_bytes, refuse_need, refuse_too_large, refuse_training};
pub use model::{
    Kind, Language, Model, OPTIMIZER_STATE, UPDATE, Whereabouts, model_files, open_adapted, open_merged, open_model,
    read_model, read_optimizer_state, trained_files,
};
