//! Progress of a stage, and its listener.

use serde::{Deserialize, Serialize};

/// How far a stage is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tick {
    /// Units of work done (samples, steps, tasks: the stage's own).
    pub done: u64,
    /// Units of work in all; 0 if unknown.
    pub total: u64,
    /// Tokens processed so far in this stage.
    pub tokens: u64,
    /// Loss of the latest step, where there is one.
    pub loss: Option<f64>,
    /// What is in flight, where sequences are sampled.
    pub load: Option<Load>,
}

/// What a sampler has in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Sequences that the latest step computed.
    pub sequences: u32,
    /// Bytes of keys and values, those of contexts that are kept for later included.
    pub cache_bytes: u64,
}

/// Listens to the progress of a stage.
pub trait Progress: Send + Sync {
    /// The stage got this far.
    fn tick(&self, tick: Tick);

    /// Whether someone asked to stop. A stage that sees `true` returns an `Interrupted` failure at
    /// the next safe point.
    fn stopping(&self) -> bool {
        false
    }
}

/// A progress that reports to nobody and never asks to stop (a no-op).
pub struct Silent;

impl Progress for Silent {
    fn tick(&self, _: Tick) {}
}
