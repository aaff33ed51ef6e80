//! Run folders: made, opened for writing by one process at a time, read by any number.

mod checkpoint;
mod create;
mod environment;
mod folder;
mod name;
mod sweep;
mod writer;

pub use checkpoint::{Checkpoint, Fallback};
pub use create::Place;
pub use folder::{RunFolder, latest};
pub use name::NewRun;
pub use writer::RunWriter;

/// The recipe of a run: written last when a run is made, so a folder that has it is a run.
pub(crate) const RECIPE: &str = "recipe.toml";
/// The event stream of a run.
pub(crate) const EVENTS: &str = "events.jsonl";
