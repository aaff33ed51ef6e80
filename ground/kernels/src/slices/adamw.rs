//! AdamW (Loshchilov and Hutter 2019), one pass over the parameter, and the gradient norm for
//! clipping.

use super::threads::piece_rows;
use crate::simd::{LANES, Simd, inlined, vectorised};
use rayon::prelude::*;

/// The settings of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// Learning rate.
    pub lr: f32,
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Added to the root of the second moment.
    pub eps: f32,
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// 1 for the first step.
    pub step: u64,
    /// What the gradient is multiplied by first (clipping, averaging).
    pub grad_scale: f32,
}

/// One step, as PyTorch's `AdamW` does it; four slices of one length. `m` and `v` start as zeros.
///
/// `p *= 1 - lr wd; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g²; p -= lr m̂ / (sqrt(v̂) + eps)`.
pub fn adamw_step(param: &mut [f32], grad: &[f32], m: &mut [f32], v: &mut [f32], settings: &AdamW) {
    let n = param.len();
    assert!([grad.len(), m.len(), v.len()] == [n; 3], "slices of one length");
    let Some(size) = piece_rows(n, 1) else {
        return step(param, grad, m, v, settings);
    };
    let moments = m.par_chunks_mut(size).zip(v.par_chunks_mut(size));
    param
        .par_chunks_mut(size)
        .zip(grad.par_chunks(size))
        .zip(moments)
        .for_each(|((p, g), (m, v))| step(p, g, m, v, settings));
}

vectorised! { fn step(param: &mut [f32], grad: &[f32], m: &mut [f32], v: &mut [f32], settings: &AdamW) = step_body }

#[inline(always)]
fn step_body<S: Simd>(s: S, param: &mut [f32], grad: &[f32], m: &mut [f32], v: &mut [f32], a: &AdamW) {
    let correction = |beta: f32| 1.0 - f64::from(beta).powf(a.step as f64);
    let rate = s.splat((f64::from(a.lr) / correction(a.beta1)) as f32);
    let root = s.splat((1.0 / correction(a.beta2)).sqrt() as f32);
    let keep = s.splat(1.0 - a.lr * a.weight_decay);
    let (b1, c1) = (s.splat(a.beta1), s.splat(1.0 - a.beta1));
    let (b2, c2) = (s.splat(a.beta2), s.splat(1.0 - a.beta2));
    let (eps, scale) = (s.splat(a.eps), s.splat(a.grad_scale));
    let one = inlined(
        #[inline(always)]
        |p: S::V, g: S::V, m: S::V, v: S::V| {
            let g = s.mul(g, scale);
            let m = s.fma(m, b1, s.mul(g, c1));
            let v = s.fma(v, b2, s.mul(s.mul(g, g), c2));
            let move_by = s.div(s.mul(rate, m), s.fma(s.sqrt(v), root, eps));
            (s.sub(s.mul(p, keep), move_by), m, v)
        },
    );
    let (ps, p_tail) = param.as_chunks_mut::<LANES>();
    let (gs, g_tail) = grad.as_chunks::<LANES>();
    let (ms, m_tail) = m.as_chunks_mut::<LANES>();
    let (vs, v_tail) = v.as_chunks_mut::<LANES>();
    for (((p, g), m), v) in ps.iter_mut().zip(gs).zip(ms).zip(vs) {
        let (a, b, c) = one(s.chunk(p), s.chunk(g), s.chunk(m), s.chunk(v));
        s.put_chunk(a, p);
        s.put_chunk(b, m);
        s.put_chunk(c, v);
    }
    let (a, b, c) = one(s.tail(p_tail), s.tail(g_tail), s.tail(m_tail), s.tail(v_tail));
    s.put_tail(a, p_tail);
    s.put_tail(b, m_tail);
    s.put_tail(c, v_tail);
}

/// Elements whose squares are summed in one piece.
const SQUARES: usize = 8192;

/// `sum(x²)`: pieces of 8192 elements in `f32` lanes, then the pieces in order in `f64`.
pub fn sum_of_squares(x: &[f32]) -> f64 {
    if piece_rows(x.len(), 1).is_none() {
        return x.chunks(SQUARES).map(|c| f64::from(squares(c))).sum();
    }
    let pieces: Vec<f32> = x.par_chunks(SQUARES).map(squares).collect();
    pieces.into_iter().map(f64::from).sum()
}

vectorised! { fn squares(x: &[f32]) -> f32 = squares_body }

#[inline(always)]
fn squares_body<S: Simd>(s: S, x: &[f32]) -> f32 {
    let (chunks, tail) = x.as_chunks::<LANES>();
    let mut sum = s.splat(0.0);
    for c in chunks {
        let v = s.chunk(c);
        sum = s.fma(v, v, sum);
    }
    let v = s.tail(tail);
    s.sum(s.fma(v, v, sum))
}
