//! One objective on a file of examples, without a loop: a trainer.

mod examples;
mod fault;
mod messages;
mod mixing;
mod objective;
mod train;
mod watch;

pub use fault::TrainerFault;
pub use objective::{advantages, objective, objective_as_said};
pub use train::{Examples, Train, Trained, train_in_memory};
pub use watch::{Checkpoints, Evaluation};
