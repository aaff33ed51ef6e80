//! LayerNorm (Ba et al. 2016): `y = (x - mean(x)) / sqrt(var(x) + eps) * gain + bias`, row by row.

use super::threads::row_blocks;
use crate::simd::{LANES, Simd, inlined, vectorised};

/// `y[r] = (x[r] - mean) / sqrt(var + eps) * gain + bias`; `x`, `out`: `[rows, d]`, `gain`, `bias`:
/// `[d]`.
pub fn layer_norm(x: &[f32], gain: &[f32], bias: &[f32], eps: f32, out: &mut [f32]) {
    let d = gain.len();
    assert!(d > 0 && bias.len() == d && x.len() == out.len() && x.len().is_multiple_of(d), "rows of {d}");
    row_blocks(out, d, |row, block| forward_rows(&x[row * d..][..block.len()], gain, bias, eps, block));
}

/// Gradients of [`layer_norm`]: overwrites `dx: [rows, d]`, and adds to `d_gain` and `d_bias: [d]`,
/// row after row.
pub fn layer_norm_backward(
    x: &[f32],
    gain: &[f32],
    eps: f32,
    dy: &[f32],
    dx: &mut [f32],
    d_gain: &mut [f32],
    d_bias: &mut [f32],
) {
    let d = gain.len();
    assert!(d > 0 && x.len() == dx.len() && dy.len() == dx.len() && x.len().is_multiple_of(d), "rows of {d}");
    assert!(d_gain.len() == d && d_bias.len() == d, "the gradients of gain and bias");
    backward_rows(x, gain, eps, dy, dx, d_gain, d_bias);
}

vectorised! { fn forward_rows(x: &[f32], gain: &[f32], bias: &[f32], eps: f32, out: &mut [f32]) = forward_body }
vectorised! { fn backward_rows(x: &[f32], gain: &[f32], eps: f32, dy: &[f32], dx: &mut [f32], d_gain: &mut [f32], d_bias: &mut [f32]) = backward_body }

/// Sum of `f` over a row, lane by lane and then over the lanes as a tree.
#[inline(always)]
fn sum_of<S: Simd>(s: S, x: &[f32], f: impl Fn(S::V) -> S::V) -> f32 {
    let (chunks, tail) = x.as_chunks::<LANES>();
    let mut sum = s.splat(0.0);
    for c in chunks {
        sum = s.add(sum, f(s.chunk(c)));
    }
    let mut last = [0.0; LANES];
    let last = &mut last[..tail.len()];
    // lanes beyond the row must not count, whatever `f` makes of 0
    s.put_tail(f(s.tail(tail)), last);
    s.sum(s.add(sum, s.tail(last)))
}

/// `(mean, 1 / sqrt(var + eps))`.
#[inline(always)]
fn moments<S: Simd>(s: S, x: &[f32], eps: f32) -> (f32, f32) {
    let mean = sum_of(
        s,
        x,
        #[inline(always)]
        |v| v,
    ) / x.len() as f32;
    let means = s.splat(mean);
    let squares = sum_of(
        s,
        x,
        #[inline(always)]
        |v| {
            let centred = s.sub(v, means);
            s.mul(centred, centred)
        },
    );
    (mean, 1.0 / (squares / x.len() as f32 + eps).sqrt())
}

#[inline(always)]
fn forward_body<S: Simd>(s: S, x: &[f32], gain: &[f32], bias: &[f32], eps: f32, out: &mut [f32]) {
    let (gains, gain_tail) = gain.as_chunks::<LANES>();
    let (biases, bias_tail) = bias.as_chunks::<LANES>();
    for (x, out) in x.chunks_exact(gain.len()).zip(out.chunks_exact_mut(gain.len())) {
        let (mean, r) = moments(s, x, eps);
        let (mean, r) = (s.splat(mean), s.splat(r));
        let one = inlined(
            #[inline(always)]
            |x: S::V, g: S::V, b: S::V| s.fma(s.mul(s.sub(x, mean), r), g, b),
        );
        let (xs, x_tail) = x.as_chunks::<LANES>();
        let (outs, out_tail) = out.as_chunks_mut::<LANES>();
        for (((x, g), b), o) in xs.iter().zip(gains).zip(biases).zip(outs) {
            s.put_chunk(one(s.chunk(x), s.chunk(g), s.chunk(b)), o);
        }
        s.put_tail(one(s.tail(x_tail), s.tail(gain_tail), s.tail(bias_tail)), out_tail);
    }
}

/// With n = (x - mean) r and g = gain dy: dx = r (g - mean(g) - n mean(g n)); d_gain += dy n;
/// d_bias += dy. Plain loops: few models have this norm, and the order is that of the elements.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "a gradient has the operands of its function and more")]
fn backward_body<S: Simd>(
    s: S,
    x: &[f32],
    gain: &[f32],
    eps: f32,
    dy: &[f32],
    dx: &mut [f32],
    d_gain: &mut [f32],
    d_bias: &mut [f32],
) {
    let d = gain.len();
    for ((x, dy), dx) in x.chunks_exact(d).zip(dy.chunks_exact(d)).zip(dx.chunks_exact_mut(d)) {
        let (mean, r) = moments(s, x, eps);
        let (mut sum, mut product) = (0.0f32, 0.0f32);
        for i in 0..d {
            let (n, g) = ((x[i] - mean) * r, gain[i] * dy[i]);
            sum += g;
            product += g * n;
            d_gain[i] += dy[i] * n;
            d_bias[i] += dy[i];
        }
        let (sum, product) = (sum / d as f32, product / d as f32);
        for i in 0..d {
            dx[i] = r * (gain[i] * dy[i] - sum - (x[i] - mean) * r * product);
        }
    }
}
