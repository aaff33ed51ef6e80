//! The operations composed from the tensor library's own: what other devices run, and what the fused ones are tested
//! against. Differentiable wherever the backend is.

use crate::slices::{Activation, Heads, RopeTable, Scores, Segment};
use burn::backend::tensor::{Device, FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{Shape, Slice, TensorData};
use std::sync::Arc;

/// Far below any score, and still finite: a row of nothing else has no NaN.
const HIDDEN: f32 = -1e30;

fn dims<const D: usize>(t: &impl TensorMetadata) -> [usize; D] {
    t.shape().dims()
}

fn tensor<B: Backend, const D: usize>(data: Vec<f32>, shape: [usize; D], like: &FloatTensor<B>) -> FloatTensor<B> {
    let made = B::float_from_data(TensorData::new(data, shape), &like.device());
    B::float_cast(made, like.dtype().into())
}

fn indices<B: Backend, const D: usize>(ids: &[u32], shape: [usize; D], device: &Device<B>) -> IntTensor<B> {
    let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
    B::int_from_data(TensorData::new(ids, shape), device)
}

fn slice<B: Backend>(t: FloatTensor<B>, ranges: &[std::ops::Range<usize>]) -> FloatTensor<B> {
    let ranges: Vec<Slice> = ranges.iter().map(|r| Slice::from(r.clone())).collect();
    B::float_slice(t, &ranges)
}

/// See [`crate::linear`].
pub fn linear<B: Backend>(x: FloatTensor<B>, w: FloatTensor<B>) -> FloatTensor<B> {
    B::float_matmul(x, w)
}

/// See [`crate::add_bias`].
pub fn add_bias<B: Backend>(x: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    let [_, d] = dims(&x);
    B::float_add(x, B::float_reshape(bias, Shape::from([1, d])))
}

/// See [`crate::layer_norm`].
pub fn layer_norm<B: Backend>(
    x: FloatTensor<B>,
    gain: FloatTensor<B>,
    bias: FloatTensor<B>,
    eps: f32,
) -> FloatTensor<B> {
    let [_, d] = dims(&x);
    let centred = B::float_sub(x.clone(), B::float_mean_dim(x, 1));
    let variance = B::float_mean_dim(B::float_mul(centred.clone(), centred.clone()), 1);
    let deviation = B::float_sqrt(B::float_add_scalar(variance, eps.into()));
    add_bias::<B>(B::float_mul(B::float_div(centred, deviation), B::float_reshape(gain, Shape::from([1, d]))), bias)
}

/// See [`crate::rms_norm`].
pub fn rms_norm<B: Backend>(x: FloatTensor<B>, gain: FloatTensor<B>, eps: f32) -> FloatTensor<B> {
    let [_, d] = dims(&x);
    let mean = B::float_mean_dim(B::float_mul(x.clone(), x.clone()), 1);
    let rms = B::float_sqrt(B::float_add_scalar(mean, eps.into()));
    B::float_mul(B::float_div(x, rms), B::float_reshape(gain, Shape::from([1, d])))
}

/// See [`crate::rope`].
pub fn rope<B: Backend>(x: FloatTensor<B>, table: Arc<RopeTable>, positions: Arc<[u32]>) -> FloatTensor<B> {
    let [rows, width] = dims(&x);
    let (dim, half) = (table.head_dim(), table.rotated() / 2);
    let heads = width / dim;
    let cos = positions.iter().flat_map(|&p| table.at(p).0.to_vec()).collect();
    let sin = positions.iter().flat_map(|&p| table.at(p).1.to_vec()).collect();
    let cos = tensor::<B, 3>(cos, [rows, 1, half], &x);
    let sin = tensor::<B, 3>(sin, [rows, 1, half], &x);
    let x = B::float_reshape(x, Shape::from([rows, heads, dim]));
    let a = slice::<B>(x.clone(), &[0..rows, 0..heads, 0..half]);
    let b = slice::<B>(x.clone(), &[0..rows, 0..heads, half..2 * half]);
    let rest = (2 * half < dim).then(|| slice::<B>(x, &[0..rows, 0..heads, 2 * half..dim]));
    let turned_a = B::float_sub(B::float_mul(a.clone(), cos.clone()), B::float_mul(b.clone(), sin.clone()));
    let turned_b = B::float_add(B::float_mul(b, cos), B::float_mul(a, sin));
    let parts = [turned_a, turned_b].into_iter().chain(rest).collect();
    B::float_reshape(B::float_cat(parts, 2), Shape::from([rows, width]))
}

/// See [`crate::gated`].
pub fn gated<B: Backend>(activation: Activation, gate: FloatTensor<B>, up: FloatTensor<B>) -> FloatTensor<B> {
    let inner = match activation {
        Activation::Silu => gate.clone(),
        Activation::GeluTanh => {
            let cube = B::float_mul(B::float_mul(gate.clone(), gate.clone()), gate.clone());
            let sum = B::float_add(gate.clone(), B::float_mul_scalar(cube, 0.044_715_f32.into()));
            B::float_mul_scalar(sum, (2.0 * std::f32::consts::FRAC_2_PI.sqrt()).into())
        }
    };
    let grown = B::float_add_scalar(B::float_exp(B::float_neg(inner)), 1.0_f32.into());
    B::float_mul(B::float_div(gate, grown), up)
}

/// `softmax` over the last dimension.
fn softmax<B: Backend>(x: FloatTensor<B>, dim: usize) -> FloatTensor<B> {
    let top = B::float_detach(B::float_max_dim(x.clone(), dim));
    let e = B::float_exp(B::float_sub(x, top));
    B::float_div(e.clone(), B::float_sum_dim(e, dim))
}

/// `[len, kv_heads, members, dim]` to `[kv_heads, members * len, dim]`.
fn by_head<B: Backend>(x: FloatTensor<B>, len: usize, heads: Heads, members: usize) -> FloatTensor<B> {
    let (kv, dim) = (heads.kv_heads, heads.head_dim);
    let x = B::float_permute(B::float_reshape(x, Shape::from([len, kv, members, dim])), &[1, 2, 0, 3]);
    B::float_reshape(x, Shape::from([kv, members * len, dim]))
}

/// See [`crate::attention`].
pub fn attention<B: Backend>(
    q: FloatTensor<B>,
    k: FloatTensor<B>,
    v: FloatTensor<B>,
    scores: Scores,
    segments: Arc<[Segment]>,
) -> FloatTensor<B> {
    let [rows, width] = dims(&q);
    let mut parts = Vec::new();
    let mut at = 0;
    for &segment in segments.iter() {
        if segment.start > at {
            parts.push(tensor::<B, 2>(vec![0.0; (segment.start - at) * width], [segment.start - at, width], &q));
        }
        if segment.len > 0 {
            parts.push(segment_attention::<B>(&q, &k, &v, scores, segment));
        }
        at = segment.start + segment.len;
    }
    if at < rows || parts.is_empty() {
        parts.push(tensor::<B, 2>(vec![0.0; (rows - at) * width], [rows - at, width], &q));
    }
    B::float_cat(parts, 0)
}

fn segment_attention<B: Backend>(
    q: &FloatTensor<B>,
    k: &FloatTensor<B>,
    v: &FloatTensor<B>,
    how: Scores,
    segment: Segment,
) -> FloatTensor<B> {
    let heads = how.heads;
    let (len, kv, group, dim) = (segment.len, heads.kv_heads, heads.group(), heads.head_dim);
    let rows = segment.start..segment.start + len;
    let cut = |t: &FloatTensor<B>, width: usize| slice::<B>(t.clone(), &[rows.clone(), 0..width]);
    let q = by_head::<B>(cut(q, heads.width()), len, heads, group);
    let k = by_head::<B>(cut(k, heads.kv_width()), len, heads, 1);
    let v = by_head::<B>(cut(v, heads.kv_width()), len, heads, 1);
    let seen = |row: usize, key: usize| key <= row && key >= how.first_seen(row);
    let mask = (0..group * len * len).map(|i| if seen(i / len % len, i % len) { 0.0 } else { HIDDEN }).collect();
    let mask = tensor::<B, 3>(mask, [1, group * len, len], &q);
    let scores = B::float_mul_scalar(B::float_matmul(q, B::float_swap_dims(k, 1, 2)), how.scale.into());
    let scores = soft_cap::<B>(scores, how.softcap);
    let out = B::float_matmul(softmax::<B>(B::float_add(scores, mask), 2), v);
    let out = B::float_permute(B::float_reshape(out, Shape::from([kv, group, len, dim])), &[2, 0, 1, 3]);
    B::float_reshape(out, Shape::from([len, heads.width()]))
}

/// `cap * tanh(x / cap)`, if there is a cap.
fn soft_cap<B: Backend>(x: FloatTensor<B>, cap: Option<f32>) -> FloatTensor<B> {
    match cap {
        None => x,
        Some(cap) => B::float_mul_scalar(B::float_tanh(B::float_mul_scalar(x, (1.0 / cap).into())), cap.into()),
    }
}

/// See [`crate::embedding`].
pub fn embedding<B: Backend>(table: FloatTensor<B>, ids: Arc<[u32]>) -> FloatTensor<B> {
    let ids = indices::<B, 1>(&ids, [ids.len()], &table.device());
    B::float_select(table, 0, ids)
}

/// See [`crate::token_log_probs`].
pub fn token_log_probs<B: Backend>(
    hidden: FloatTensor<B>,
    head: FloatTensor<B>,
    targets: Arc<[u32]>,
    tied: bool,
    cap: Option<f32>,
) -> FloatTensor<B> {
    let rows = targets.len();
    let head = if tied { B::float_transpose(head) } else { head };
    let logits = soft_cap::<B>(B::float_matmul(hidden, head), cap);
    let targets = indices::<B, 2>(&targets, [rows, 1], &logits.device());
    let top = B::float_detach(B::float_max_dim(logits.clone(), 1));
    let shifted = B::float_sub(logits, top);
    let sum = B::float_log(B::float_sum_dim(B::float_exp(shifted.clone()), 1));
    B::float_reshape(B::float_sub(B::float_gather(1, shifted, targets), sum), Shape::from([rows]))
}
