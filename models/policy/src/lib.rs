//! The rollout engine: batched sampling with a key-value cache, and scoring.
//!
//! **The problem.** Policy gradients weigh a token by its probability in training over its
//! probability in sampling. Where an inference engine samples and a trainer trains, the two compute
//! other numbers for the same weights, and this ratio is wrong before the first step; the usual
//! cure is truncated importance sampling. Weights also have to be copied to the engine after every
//! update.
//!
//! **The decision.** The sampler and the trainer run the same decoder over the same weights in the
//! same process, and a row's bits do not depend on the rows beside it (see `kernels`): the
//! log-probabilities of sampled tokens are, to the last bit, those that training computes. There is
//! nothing to correct and nothing to copy.
//!
//! Batching is continuous: a sequence that ends frees its slot for a waiting request between two
//! steps, so one long answer does not hold up a batch. Each request draws from a key of its own,
//! and on the processor which slot it has changes nothing. There keys and values lie in pages of 16
//! positions, which sequences with one beginning share (samples of one prompt, branches of one
//! tree). On another device every slot has room of its own, so that shapes stay the same and
//! nothing is compiled anew.
//!
//! **Alternatives, by reasoning and not by trial.** A server of its own, as vLLM is, would be a
//! second process with a second copy of the weights, and other bits. Static batches would wait for
//! their longest answer.
//!
//! Start in `engine.rs` (slots and steps), then `sequence.rs` (one answer), `draw.rs` (one token)
//! and `prefixes.rs` (shared beginnings).

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
mod sentences;
mod sequence;
mod slots;

pub use critic::LocalCritic;
pub use engine::Listen;
pub use fault::PolicyFault;
pub use local::{LocalPolicy, seeing};
pub use sentences::Sentences;
