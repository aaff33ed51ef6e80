//! RMSNorm (Zhang and Sennrich 2019): `y = x / sqrt(mean(x²) + eps) * gain`, row by row.

use super::threads::{piece_rows, row_blocks};
use crate::simd::{LANES, Simd, inlined, vectorised};
use rayon::prelude::*;

/// Rows whose share of the gain's gradient is summed first; fixed, so that threads do not change
/// the order.
const GAIN_ROWS: usize = 64;

/// `y[r] = x[r] * gain / sqrt(mean(x[r]²) + eps)`; `x`, `out`: `[rows, d]`, `gain: [d]`.
pub fn rms_norm(x: &[f32], gain: &[f32], eps: f32, out: &mut [f32]) {
    let d = gain.len();
    assert!(d > 0 && x.len() == out.len() && x.len().is_multiple_of(d), "rows of {d}");
    row_blocks(out, d, |row, block| forward_rows(&x[row * d..][..block.len()], gain, eps, block));
}

/// Gradients of [`rms_norm`]: overwrites `dx: [rows, d]`, and adds to `d_gain: [d]`.
pub fn rms_norm_backward(x: &[f32], gain: &[f32], eps: f32, dy: &[f32], dx: &mut [f32], d_gain: &mut [f32]) {
    let d = gain.len();
    assert!(d > 0 && x.len() == dx.len() && dy.len() == dx.len() && x.len().is_multiple_of(d), "rows of {d}");
    assert_eq!(d_gain.len(), d, "the gain's gradient");
    let size = GAIN_ROWS * d;
    let mut partial = vec![0.0; x.len().div_ceil(size) * d];
    let one = |(i, (dx, sum)): (usize, (&mut [f32], &mut [f32]))| {
        let (x, dy) = (&x[i * size..][..dx.len()], &dy[i * size..][..dx.len()]);
        backward_rows(x, gain, eps, dy, dx, sum);
    };
    if piece_rows(x.len(), d).is_none() {
        dx.chunks_mut(size).zip(partial.chunks_mut(d)).enumerate().for_each(one);
    } else {
        dx.par_chunks_mut(size).zip(partial.par_chunks_mut(d)).enumerate().for_each(one);
    }
    for sum in partial.chunks(d) {
        d_gain.iter_mut().zip(sum).for_each(|(g, s)| *g += s);
    }
}

vectorised! { fn forward_rows(x: &[f32], gain: &[f32], eps: f32, out: &mut [f32]) = forward_body }
vectorised! { fn backward_rows(x: &[f32], gain: &[f32], eps: f32, dy: &[f32], dx: &mut [f32], d_gain: &mut [f32]) = backward_body }

/// `1 / sqrt(mean(x²) + eps)`.
#[inline(always)]
fn inverse_rms<S: Simd>(s: S, x: &[f32], eps: f32) -> f32 {
    let (chunks, tail) = x.as_chunks::<LANES>();
    let mut sum = s.splat(0.0);
    for c in chunks {
        let v = s.chunk(c);
        sum = s.fma(v, v, sum);
    }
    if !tail.is_empty() {
        let v = s.tail(tail);
        sum = s.fma(v, v, sum);
    }
    let sum = s.sum(sum);
    1.0 / (sum / x.len() as f32 + eps).sqrt()
}

#[inline(always)]
fn forward_body<S: Simd>(s: S, x: &[f32], gain: &[f32], eps: f32, out: &mut [f32]) {
    let (gains, gain_tail) = gain.as_chunks::<LANES>();
    for (x, out) in x.chunks_exact(gain.len()).zip(out.chunks_exact_mut(gain.len())) {
        let r = s.splat(inverse_rms(s, x, eps));
        let (xs, x_tail) = x.as_chunks::<LANES>();
        let (outs, out_tail) = out.as_chunks_mut::<LANES>();
        for ((x, g), o) in xs.iter().zip(gains).zip(outs) {
            s.put_chunk(s.mul(s.mul(s.chunk(x), r), s.chunk(g)), o);
        }
        if !x_tail.is_empty() {
            s.put_tail(s.mul(s.mul(s.tail(x_tail), r), s.tail(gain_tail)), out_tail);
        }
    }
}

/// With r = 1 / rms: dx = r (gain dy) - x r³ / d · sum(gain dy x); d_gain += dy x r.
#[inline(always)]
fn backward_body<S: Simd>(s: S, x: &[f32], gain: &[f32], eps: f32, dy: &[f32], dx: &mut [f32], d_gain: &mut [f32]) {
    let d = gain.len();
    let (gains, gain_tail) = gain.as_chunks::<LANES>();
    for ((x, dy), dx) in x.chunks_exact(d).zip(dy.chunks_exact(d)).zip(dx.chunks_exact_mut(d)) {
        let r = inverse_rms(s, x, eps);
        let (xs, x_tail) = x.as_chunks::<LANES>();
        let (dys, dy_tail) = dy.as_chunks::<LANES>();
        let mut dot = s.splat(0.0);
        for ((x, g), dy) in xs.iter().zip(gains).zip(dys) {
            dot = s.fma(s.mul(s.chunk(dy), s.chunk(g)), s.chunk(x), dot);
        }
        if !x_tail.is_empty() {
            let last = s.mul(s.tail(dy_tail), s.tail(gain_tail));
            dot = s.fma(last, s.tail(x_tail), dot);
        }
        let dot = s.sum(dot);
        let (rv, back) = (s.splat(r), s.splat(-(dot * r * r * r / d as f32)));
        let one = inlined(
            #[inline(always)]
            |x: S::V, g: S::V, dy: S::V| s.fma(x, back, s.mul(s.mul(dy, g), rv)),
        );

        let (dxs, dx_tail) = dx.as_chunks_mut::<LANES>();
        let (sums, sum_tail) = d_gain.as_chunks_mut::<LANES>();
        for ((((x, g), dy), dx), sum) in xs.iter().zip(gains).zip(dys).zip(dxs).zip(sums) {
            let (x, g, dy) = (s.chunk(x), s.chunk(g), s.chunk(dy));
            s.put_chunk(one(x, g, dy), dx);
            s.put_chunk(s.fma(dy, s.mul(x, rv), s.chunk(sum)), sum);
        }
        if !x_tail.is_empty() {
            let (x, g, dy) = (s.tail(x_tail), s.tail(gain_tail), s.tail(dy_tail));
            s.put_tail(one(x, g, dy), dx_tail);
            let sum = s.fma(dy, s.mul(x, rv), s.tail(sum_tail));
            s.put_tail(sum, sum_tail);
        }
    }
}
