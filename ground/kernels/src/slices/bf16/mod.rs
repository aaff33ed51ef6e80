//! Products of numbers that are rounded to bf16, summed in `f32`.
//!
//! An element is one chain over pairs of `k` in ascending order, and within a pair the odd `k`
//! comes first (see [`crate::simd::Pairs`]); an odd number of `k` ends in a pair with a zero.
//! Neither threads, nor packing, nor the number of rows changes a bit of it.

mod gemm;
mod pack;
pub(crate) mod tile;

pub(crate) use gemm::{gemm, gemm_serial, pack_b};
pub(crate) use pack::{pack_rows, pack_run, pack_two};

use pack::pack_panel;
