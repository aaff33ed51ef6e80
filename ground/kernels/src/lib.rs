//! Fused tensor operations for the CPU, with backward passes; library operations elsewhere.
//!
//! **The problem.** A run must end in the same bytes whether it was killed or not, on two threads
//! or on sixteen; and a policy gradient divides the probability that training computes by the one
//! that was recorded while sampling. Both need floating-point sums in a fixed order, and no BLAS or
//! tensor library promises one: they choose blocking, threads and instructions by the shape of the
//! batch, so that one row gives other bits beside other rows.
//!
//! **The decision.** Every value of a row is computed in one order, whatever stands beside the row,
//! on however many threads, and with whichever instructions ([`Path`]): AVX-512, AVX2 and plain
//! Rust agree to the last bit. A kernel is written once, over 16 logical lanes of exactly rounded
//! operations (`simd`), and instantiated for each instruction set. Threads split rows or columns,
//! never a sum; where gradients of many parts are added, they are computed in parallel and added in
//! order. So a token's log-probability is the same alone, in a batch, from the cache while
//! sampling, and in the trainer, and nothing has to correct for a difference between sampler and
//! trainer.
//!
//! **Alternatives.** Tried: decoding by a tensor library's own CPU operations took one and a half
//! to three times as long (`docs/decisions/004`), and their order of sums is not specified. By
//! reasoning alone: three hand-written versions of each kernel would have to be kept equal by hand,
//! and sums that are exact in any order (integer or binned accumulators) would take several
//! operations for each addition.
//!
//! There are two layers:
//!
//! - [`slices`]: plain functions over `&[f32]`. What a decoder without a graph calls directly:
//!   [`slices::gemm`], [`slices::rms_norm`], [`slices::rope`], [`slices::gated`],
//!   [`slices::attend`], [`slices::logits`], [`slices::log_sum_exp`]; what an optimizer calls:
//!   [`slices::adamw_step`], [`slices::sum_of_squares`].
//! - Functions over tensors, differentiable, on any device: [`linear`], [`add_bias`], [`rms_norm`],
//!   [`layer_norm`], [`rope`], [`gated`], [`attention`], [`embedding`], [`token_log_probs`]. On the
//!   CPU device they call the first layer; elsewhere they are [`composed`] of the tensor library's
//!   operations. [`with_slice`] reads a tensor's elements in place, [`from_vec`] makes a tensor of
//!   a vector. What composed layers share is laid out once: [`Angles`], [`Layout`]. [`agreements`]
//!   says whether a device computes what the processor does.
//!
//! Weights are `[in, out]`, rows are tokens, and a batch of sequences is packed: `[rows, width]`
//! with [`slices::Segment`]s, because padding would be rows that are computed for nothing and that
//! every mean had to mask.
#![allow(
    unsafe_code,
    reason = "vector instructions and disjoint views; each block says why it is sound and has a test"
)]

mod rates;
mod simd;
pub mod slices;
mod tensors;

pub use rates::{Way, measured_gflops, peak_gflops, product_gflops, read_gigabytes};
pub use simd::{Path, force_path, path};
pub use slices::{Activation, Heads, Precision, RopeTable, Rows, Scores, Segment};
pub use tensors::{
    Agreement, Angles, Fused, Layout, add_bias, agreements, attention, composed, embedding, from_vec, gated, is_here,
    keep_freed_memory, layer_norm, linear, rms_norm, rope, token_log_probs, with_slice,
};
