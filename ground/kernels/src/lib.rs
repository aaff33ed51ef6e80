//! Fused tensor operations for the CPU, with backward passes; library operations elsewhere.
//!
//! Two layers:
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
//! **Bits.** Every value of a row is computed in one order, whatever stands beside the row, on how
//! many threads, and with which instructions ([`Path`]): AVX-512, AVX2 and plain Rust agree to the
//! last bit. So a token's log-probability is the same alone, in a batch, from the cache while
//! sampling, and in the trainer. Weights are `[in, out]`, rows are tokens, and a batch of sequences
//! is packed: `[rows, width]` with [`slices::Segment`]s.
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
