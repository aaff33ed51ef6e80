//! What models answer to tasks: how right, how surely, how long, at what cost. Nothing is trained,
//! and nothing is measured but what is asked for.
//!
//! [`Evaluation`] puts the tasks of a world to a model, by drawing answers or by the likelihood of
//! the answers that a task names ([`Among`]); [`Evaluated`] is what came of it, item by item, so
//! that two models can be compared in pairs.

mod among;
mod answered;
mod drawn;
mod evaluate;
mod fault;
mod figures;

pub use among::Among;
pub use answered::{Answered, Given, Scored};
pub use evaluate::{By, Evaluated, Evaluation};
pub use fault::EvaluateFault;
pub use figures::{Figure, Spent, differences, figures};
