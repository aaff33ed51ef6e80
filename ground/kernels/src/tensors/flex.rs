//! The operations on the CPU backend: forward and backward passes over its tensors, by the
//! functions over slices.
//!
//! Each operation here is fused: one node in the gradient graph with a backward pass of its own,
//! instead of the dozen that it would be composed of. That saves the memory of what lies between,
//! and makes the order of every sum ours, forward and backward. Tensors of another type than `f32`
//! fall back to [`composed`], which the fused ones are tested against.

use super::allocator::keep_freed_memory;
use super::composed;
use super::fused::Fused;
use crate::slices::threads::threads;
use crate::slices::{self, Activation, AttentionForward, Matrix, MatrixMut, Precision, RopeTable, Scores, Segment};
use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{DType, TensorData};
use rayon::prelude::*;
use std::sync::Arc;

/// The CPU backend's tensor.
pub(crate) type Array = FloatTensor<Flex>;

/// Whether all of these are `f32`: other element types take the library's operations.
pub(crate) fn all_f32(tensors: &[&Array]) -> bool {
    tensors.iter().all(|t| t.dtype() == DType::F32)
}

/// The tensor with its elements in order, copied if they are not.
pub(crate) fn ordered(t: Array) -> Array {
    if t.as_slice::<f32>().is_some() { t } else { t.to_contiguous() }
}

/// The elements of an [`ordered`] tensor.
pub(crate) fn elements(t: &Array) -> &[f32] {
    t.as_slice::<f32>().unwrap_or_else(|| panic!("contiguous f32 elements: {t:?}"))
}

/// As many zeros, written by all threads where there are many.
fn zeros(n: usize) -> Vec<f32> {
    const MANY: usize = 1 << 18;
    if n < MANY || threads() == 1 {
        return vec![0.0; n];
    }
    let mut zeros = Vec::with_capacity(n);
    zeros.par_extend(rayon::iter::repeat_n(0.0, n));
    zeros
}

pub(crate) fn shape2(t: &Array) -> [usize; 2] {
    t.layout().shape().dims()
}

pub(crate) fn array<const D: usize>(data: Vec<f32>, shape: [usize; D]) -> Array {
    keep_freed_memory();
    Array::from_data(TensorData::new(data, shape))
}

pub(crate) fn matrix(t: &Array) -> Matrix<'_> {
    let [rows, cols] = shape2(t);
    Matrix::new(elements(t), rows, cols)
}

/// The product, written into uninitialised memory: zeroing it first would take one thread long.
fn product(a: Matrix, b: Matrix, precision: Precision) -> Array {
    let (rows, cols) = (a.rows(), b.cols());
    let mut out = Vec::with_capacity(rows * cols);
    precision.gemm(a, b, MatrixMut::unwritten(&mut out.spare_capacity_mut()[..rows * cols], rows, cols), false);
    // SAFETY: a product that does not accumulate writes every element.
    unsafe { out.set_len(rows * cols) };
    array(out, [rows, cols])
}

pub(crate) fn linear(x: &Array, w: &Array, precision: Precision) -> Array {
    product(matrix(x), matrix(w), precision)
}

pub(crate) fn linear_dx(dy: &Array, w: &Array, precision: Precision) -> Array {
    product(matrix(dy), matrix(w).t(), precision)
}

pub(crate) fn linear_dw(x: &Array, dy: &Array, precision: Precision) -> Array {
    product(matrix(x).t(), matrix(dy), precision)
}

pub(crate) fn rms_norm(x: &Array, gain: &Array, eps: f32) -> Array {
    let mut out = zeros(elements(x).len());
    slices::rms_norm(elements(x), elements(gain), eps, &mut out);
    array(out, shape2(x))
}

/// Gradients of `x` and of `gain`.
pub(crate) fn rms_norm_backward(x: &Array, gain: &Array, eps: f32, dy: &Array) -> (Array, Array) {
    let d = elements(gain).len();
    let (mut dx, mut d_gain) = (zeros(elements(x).len()), zeros(d));
    slices::rms_norm_backward(elements(x), elements(gain), eps, elements(dy), &mut dx, &mut d_gain);
    (array(dx, shape2(x)), array(d_gain, [d]))
}

/// The tensor with elements of its own, copied if they are shared.
fn owned(mut x: Array) -> Array {
    let [rows, width] = shape2(&x);
    let whole = x.layout().contiguous_offsets() == Some((0, rows * width));
    let alone = x.try_storage_mut::<f32>().is_some_and(|data| data.len() == rows * width);
    if whole && alone { x } else { array(elements(&x).to_vec(), [rows, width]) }
}

/// The elements of an [`owned`] tensor.
fn elements_mut(x: &mut Array) -> &mut [f32] {
    x.try_storage_mut::<f32>().unwrap_or_else(|| unreachable!("elements that nobody else holds"))
}

/// Changes the elements, in place if they are not shared.
pub(crate) fn changed(x: Array, change: impl FnOnce(&mut [f32])) -> Array {
    let mut x = owned(x);
    change(elements_mut(&mut x));
    x
}

/// Gradient of the bias.
pub(crate) fn bias_backward(dy: &Array) -> Array {
    let d = shape2(dy)[1];
    let mut d_bias = zeros(d);
    slices::bias_backward(elements(dy), &mut d_bias);
    array(d_bias, [d])
}

pub(crate) fn layer_norm(x: &Array, gain: &Array, bias: &Array, eps: f32) -> Array {
    let mut out = zeros(elements(x).len());
    slices::layer_norm(elements(x), elements(gain), elements(bias), eps, &mut out);
    array(out, shape2(x))
}

/// Gradients of `x`, of `gain` and of `bias`.
pub(crate) fn layer_norm_backward(x: &Array, gain: &Array, eps: f32, dy: &Array) -> [Array; 3] {
    let d = elements(gain).len();
    let (mut dx, mut d_gain, mut d_bias) = (zeros(elements(x).len()), zeros(d), zeros(d));
    slices::layer_norm_backward(elements(x), elements(gain), eps, elements(dy), &mut dx, &mut d_gain, &mut d_bias);
    [array(dx, shape2(x)), array(d_gain, [d]), array(d_bias, [d])]
}

pub(crate) fn gated(activation: Activation, gate: &Array, up: &Array) -> Array {
    let mut out = zeros(elements(gate).len());
    slices::gated(activation, elements(gate), elements(up), &mut out);
    array(out, shape2(gate))
}

/// Gradients of `gate` and of `up`, in place if they are not shared.
pub(crate) fn gated_backward(activation: Activation, [gate, up]: [Array; 2], dy: &Array) -> [Array; 2] {
    let (mut gate, mut up) = (owned(gate), owned(up));
    slices::gated_backward(activation, elements_mut(&mut gate), elements_mut(&mut up), elements(dy));
    [gate, up]
}

/// The output, and the log-sum-exp of every row and head, `[rows, heads]`.
pub(crate) fn attention(q: &Array, k: &Array, v: &Array, scores: Scores, segments: &[Segment]) -> (Array, Array) {
    let ([rows, width], heads) = (shape2(q), scores.heads.heads);
    let (mut out, mut lse) = (zeros(rows * width), zeros(rows * heads));
    slices::attention(elements(q), elements(k), elements(v), scores, segments, &mut out, &mut lse);
    (array(out, [rows, width]), array(lse, [rows, heads]))
}

/// Gradients of `q`, `k` and `v`; `saved` is those three, the output and the log-sum-exp.
pub(crate) fn attention_backward(
    saved: &[Array; 5],
    d_out: &Array,
    scores: Scores,
    segments: &[Segment],
) -> [Array; 3] {
    let [q, k, v, out, lse] = saved.each_ref().map(elements);
    let (mut dq, mut dk, mut dv) = (zeros(q.len()), zeros(k.len()), zeros(v.len()));
    let forward = AttentionForward { q, k, v, out, lse };
    slices::attention_backward(forward, elements(d_out), scores, segments, &mut dq, &mut dk, &mut dv);
    let kv = shape2(&saved[1]);
    [array(dq, shape2(&saved[0])), array(dk, kv), array(dv, kv)]
}

pub(crate) fn embedding(table: &Array, ids: &[u32]) -> Array {
    let d = shape2(table)[1];
    let mut out = zeros(ids.len() * d);
    slices::embedding(elements(table), d, ids, &mut out);
    array(out, [ids.len(), d])
}

pub(crate) fn embedding_backward(dy: &Array, ids: &[u32], shape: [usize; 2]) -> Array {
    let mut d_table = zeros(shape[0] * shape[1]);
    slices::embedding_backward(elements(dy), shape[1], ids, &mut d_table);
    array(d_table, shape)
}

fn head_matrix(head: &Array, tied: bool) -> Matrix<'_> {
    if tied { matrix(head).t() } else { matrix(head) }
}

/// The log-probabilities, and each row's log-sum-exp; both `[rows]`.
pub(crate) fn token_log_probs(
    hidden: &Array,
    head: &Array,
    targets: &[u32],
    tied: bool,
    cap: Option<f32>,
    precision: Precision,
) -> (Array, Array) {
    let rows = targets.len();
    let (mut out, mut lse) = (zeros(rows), zeros(rows));
    slices::token_log_probs(elements(hidden), head_matrix(head, tied), targets, cap, precision, &mut out, &mut lse);
    (array(out, [rows]), array(lse, [rows]))
}

/// Gradients of `hidden` and of `head`; `saved` is those two and the log-sum-exp.
pub(crate) fn token_log_probs_backward(
    saved: &[Array; 3],
    targets: &[u32],
    dy: &Array,
    tied: bool,
    cap: Option<f32>,
    precision: Precision,
) -> [Array; 2] {
    let [hidden, head, lse] = saved;
    let (mut d_hidden, mut d_head) = (zeros(elements(hidden).len()), zeros(elements(head).len()));
    slices::token_log_probs_backward(
        elements(hidden),
        head_matrix(head, tied),
        targets,
        cap,
        precision,
        elements(lse),
        elements(dy),
        &mut d_hidden,
        &mut d_head,
        tied,
    );
    [array(d_hidden, shape2(hidden)), array(d_head, shape2(head))]
}

impl Fused for Flex {
    fn linear(x: Array, w: Array, precision: Precision) -> Array {
        if !all_f32(&[&x, &w]) {
            return composed::linear::<Self>(x, w);
        }
        linear(&ordered(x), &ordered(w), precision)
    }

    fn add_bias(x: Array, bias: Array) -> Array {
        if !all_f32(&[&x, &bias]) {
            return composed::add_bias::<Self>(x, bias);
        }
        let bias = ordered(bias);
        changed(ordered(x), |x| slices::add_bias(x, elements(&bias)))
    }

    fn layer_norm(x: Array, gain: Array, bias: Array, eps: f32) -> Array {
        if !all_f32(&[&x, &gain, &bias]) {
            return composed::layer_norm::<Self>(x, gain, bias, eps);
        }
        layer_norm(&ordered(x), &ordered(gain), &ordered(bias), eps)
    }

    fn rms_norm(x: Array, gain: Array, eps: f32) -> Array {
        if !all_f32(&[&x, &gain]) {
            return composed::rms_norm::<Self>(x, gain, eps);
        }
        rms_norm(&ordered(x), &ordered(gain), eps)
    }

    fn rope(x: Array, table: Arc<RopeTable>, positions: Arc<[u32]>) -> Array {
        if !all_f32(&[&x]) {
            return composed::rope::<Self>(x, table, positions);
        }
        changed(ordered(x), |x| slices::rope(x, &table, &positions))
    }

    fn gated(activation: Activation, gate: Array, up: Array) -> Array {
        if !all_f32(&[&gate, &up]) {
            return composed::gated::<Self>(activation, gate, up);
        }
        gated(activation, &ordered(gate), &ordered(up))
    }

    fn attention(q: Array, k: Array, v: Array, scores: Scores, segments: Arc<[Segment]>) -> Array {
        if !all_f32(&[&q, &k, &v]) {
            return composed::attention::<Self>(q, k, v, scores, segments);
        }
        attention(&ordered(q), &ordered(k), &ordered(v), scores, &segments).0
    }

    fn embedding(table: Array, ids: Arc<[u32]>) -> Array {
        if !all_f32(&[&table]) {
            return composed::embedding::<Self>(table, ids);
        }
        embedding(&ordered(table), &ids)
    }

    fn token_log_probs(
        hidden: Array,
        head: Array,
        targets: Arc<[u32]>,
        tied: bool,
        cap: Option<f32>,
        precision: Precision,
    ) -> Array {
        if !all_f32(&[&hidden, &head]) {
            return composed::token_log_probs::<Self>(hidden, head, targets, tied, cap);
        }
        token_log_probs(&ordered(hidden), &ordered(head), &targets, tied, cap, precision).0
    }
}
