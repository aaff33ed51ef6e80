//! The rollout engine: batched sampling with a key-value cache, and scoring.
//!
//! The sampler and the trainer run the same decoder over the same weights in the same process, and
//! a row's bits do not depend on the rows beside it: the log-probabilities of sampled tokens are
//! those that training computes. Engines that sample with other kernels than they train with
//! correct for the difference by importance weights; here there is none to correct.
//!
//! Batching is continuous: a sequence that ends frees its slot for a waiting request between two
//! steps. On the processor keys and values lie in pages, which sequences of one beginning share; on
//! another device every slot has room of its own, so that shapes stay the same and nothing is
//! compiled anew.

mod body;
mod choices;
mod critic;
mod draw;
mod endings;
mod ends;
mod engine;
mod fault;
mod local;
mod on_device;
mod prefixes;
mod sequence;
mod slots;

pub use critic::LocalCritic;
pub use engine::Listen;
pub use fault::PolicyFault;
pub use local::{LocalPolicy, seeing};
