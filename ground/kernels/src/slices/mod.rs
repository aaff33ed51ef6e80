//! Plain functions over slices: the numbers, without a tensor library.
//!
//! Bit-exact per row: no value depends on how many rows stand beside it, on threads, or on the instruction path.

mod adamw;
mod attention;
mod attention_backward;
mod cache;
mod elementwise;
mod embedding;
mod exp;
mod gemm;
mod log_probs;
mod matrix;
mod pack;
mod rms_norm;
mod rope;
mod scratch;
mod softmax;
mod swiglu;
mod threads;
mod tile;

pub use adamw::{AdamW, adamw_step, sum_of_squares};
pub use attention::{Heads, Segment, attention};
pub use attention_backward::{AttentionForward, attention_backward};
pub use cache::KvCache;
pub use elementwise::{add_assign, transpose};
pub use embedding::{embedding, embedding_backward};
pub use gemm::{gemm, gemm_serial};
pub use log_probs::{log_sum_exp, logits, token_log_probs, token_log_probs_backward};
pub use matrix::{Matrix, MatrixMut};
pub use rms_norm::{rms_norm, rms_norm_backward};
pub use rope::{RopeTable, rope, rope_backward};
pub use swiglu::{swiglu, swiglu_backward};
