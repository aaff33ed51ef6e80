//! The operations as functions over tensors.

use super::fused::Fused;
use crate::slices::{Activation, Precision, RopeTable, Scores, Segment};
use burn::backend::Dispatch;
use burn::tensor::Tensor;
use std::sync::Arc;

/// `x · w`: `x: [rows, in]`, `w: [in, out]` gives `[rows, out]`. What `precision` says, gradients
/// are computed in too, where the device is the processor; other devices compute in the tensors'
/// own numbers.
pub fn linear(x: Tensor<2>, w: Tensor<2>, precision: Precision) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Fused>::linear(x.into_dispatch(), w.into_dispatch(), precision))
}

/// `x + bias`, row by row: `x: [rows, d]`, `bias: [d]` gives `[rows, d]`.
pub fn add_bias(x: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Fused>::add_bias(x.into_dispatch(), bias.into_dispatch()))
}

/// `(x - mean(x)) / sqrt(var(x) + eps) * gain + bias` (Ba et al. 2016): `x: [rows, d]`, `gain`,
/// `bias`: `[d]` gives `[rows, d]`.
pub fn layer_norm(x: Tensor<2>, gain: Tensor<1>, bias: Tensor<1>, eps: f32) -> Tensor<2> {
    let (x, gain, bias) = (x.into_dispatch(), gain.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Fused>::layer_norm(x, gain, bias, eps))
}

/// `x / sqrt(mean(x²) + eps) * gain` (Zhang and Sennrich 2019): `x: [rows, d]`, `gain: [d]` gives
/// `[rows, d]`.
pub fn rms_norm(x: Tensor<2>, gain: Tensor<1>, eps: f32) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Fused>::rms_norm(x.into_dispatch(), gain.into_dispatch(), eps))
}

/// Rotates every head of row `r` by the angles of `positions[r]` (Su et al. 2021; halves as in
/// Hugging Face's Llama): `x: [rows, heads * head_dim]` gives the same shape.
pub fn rope(x: Tensor<2>, table: Arc<RopeTable>, positions: Arc<[u32]>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Fused>::rope(x.into_dispatch(), table, positions))
}

/// `f(gate) * up` (Shazeer 2020); one shape `[rows, d]`.
pub fn gated(activation: Activation, gate: Tensor<2>, up: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Fused>::gated(activation, gate.into_dispatch(), up.into_dispatch()))
}

/// Causal softmax attention within each segment of a packed batch, over the keys that `scores` lets
/// a row see: `q: [rows, heads * head_dim]`, `k`, `v`: `[rows, kv_heads * head_dim]` gives
/// `[rows, heads * head_dim]`. Segments ascend; rows in none of them are 0.
pub fn attention(
    q: Tensor<2>,
    k: Tensor<2>,
    v: Tensor<2>,
    scores: impl Into<Scores>,
    segments: Arc<[Segment]>,
) -> Tensor<2> {
    let (q, k, v) = (q.into_dispatch(), k.into_dispatch(), v.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Fused>::attention(q, k, v, scores.into(), segments))
}

/// Rows of `table: [vocab, d]` by id: `[ids, d]`.
pub fn embedding(table: Tensor<2>, ids: Arc<[u32]>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Fused>::embedding(table.into_dispatch(), ids))
}

/// `log softmax(hidden · head)[target]` of each row, in nats, without keeping the logits:
/// `hidden: [rows, d]`, `head: [d, vocab]`, or the embedding table `[vocab, d]` when `tied`; logits
/// are soft-capped at `cap`, if there is one. Gives `[rows]`.
///
/// A temperature is a factor on `hidden`, the same one when sampling and when training.
pub fn token_log_probs(
    hidden: Tensor<2>,
    head: Tensor<2>,
    targets: Arc<[u32]>,
    tied: bool,
    cap: Option<f32>,
    precision: Precision,
) -> Tensor<1> {
    let (hidden, head) = (hidden.into_dispatch(), head.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Fused>::token_log_probs(hidden, head, targets, tied, cap, precision))
}
