//! Plain functions over slices: the numbers, without a tensor library.
//!
//! Bit-exact per row: no value depends on how many rows stand beside it, on threads, or on the
//! instruction path.

mod adamw;
mod attention;
mod attention_backward;
mod bf16;
mod bias;
mod elementwise;
mod embedding;
mod exp;
mod gated;
mod gemm;
mod layer_norm;
mod log_probs;
mod matrix;
mod pack;
mod pages;
mod panel;
mod precision;
mod rms_norm;
mod rope;
mod scores;
mod scratch;
mod softmax;
pub(crate) mod threads;
mod tile;
mod weights;

pub use adamw::{AdamW, adamw_step, sum_of_squares};
pub use attention::{Rows, Segment, attention};
pub use attention_backward::{AttentionForward, attention_backward};
pub use bias::{add_bias, bias_backward};
pub use elementwise::{add_assign, transpose};
pub use embedding::{embedding, embedding_backward};
pub use gated::{Activation, gated, gated_backward};
pub use gemm::{gemm, gemm_serial};
pub use layer_norm::{layer_norm, layer_norm_backward};
pub use log_probs::{log_sum_exp, logits, soft_cap, token_log_probs, token_log_probs_backward};
pub use matrix::{Matrix, MatrixMut};
pub use pages::{PAGE, Page, PageShape, attend};
pub use panel::PANEL;
pub use precision::Precision;
pub use rms_norm::{rms_norm, rms_norm_backward};
pub use rope::{RopeTable, rope, rope_backward};
pub use scores::{Heads, Scores};
pub use threads::{alone, inside};
pub use weights::Weights;
