//! Where a training stands in a longer one: optimizer state from before, where it was left, and its
//! watcher.

use std::sync::Arc;

use faults::Outcome;
use networks::Decoder;
use nouns::Step;

use crate::optimizer::OptimizerState;

/// Where a training stands in a longer one. By default it stands alone.
#[derive(Clone, Default)]
pub struct Course {
    /// Optimizer state of the training before; the state in the end is put in its place.
    pub optimizer_state: Option<OptimizerState>,
    /// The schedule's part that is this training: which (from 1) of how many equal ones. None is
    /// all of it.
    pub part: Option<(u32, u32)>,
    /// Where it was left, if it goes on.
    pub left: Option<Left>,
    /// A watcher that is shown the model after steps.
    pub watch: Option<Arc<dyn Watch>>,
    /// Whether nothing is changed, and only the loss is computed.
    pub assessing: bool,
}

/// A training as it was left after some step.
#[derive(Clone)]
pub struct Left {
    /// The weights.
    pub decoder: Decoder,
    /// Its optimizer state.
    pub optimizer_state: OptimizerState,
    /// The steps taken.
    pub steps: Vec<Step>,
    /// Its EMA reference, if it has one.
    pub follower: Option<Decoder>,
}

/// A training after some step.
pub struct Seen<'a> {
    /// The weights.
    pub decoder: &'a Decoder,
    /// Its optimizer state.
    pub optimizer_state: &'a OptimizerState,
    /// The steps taken.
    pub steps: &'a [Step],
    /// How many there will be.
    pub of: u32,
    /// Its EMA reference, if it has one.
    pub follower: Option<&'a Decoder>,
}

/// Is shown the model after steps: to keep it, or to measure it.
pub trait Watch: Send + Sync {
    /// Whether it wants to see the model after this step, counted from 1, of `of` steps.
    fn wants(&self, step: u32, of: u32) -> bool;

    /// Sees it.
    fn see(&self, seen: &Seen) -> Outcome<()>;

    /// What a reference said of the lessons' tokens when it was asked before, if that was kept.
    /// `[streams][length]`
    fn recall(&self) -> Outcome<Option<Vec<Vec<f64>>>> {
        Ok(None)
    }

    /// Keeps what a reference says of the lessons' tokens. `[streams][length]`
    fn keep(&self, said: &[Vec<f64>]) -> Outcome<()> {
        let _ = said;
        Ok(())
    }
}
