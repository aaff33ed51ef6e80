//! Gated linear units (Shazeer 2020): `f(gate) * up`. Both activations are `x / (1 + e^-h)` of some
//! `h(x)`.

use super::exp::sigmoid;
use super::threads::{piece_rows, row_blocks};
use crate::simd::{LANES, Simd, inlined, vectorised};
use rayon::prelude::*;

/// What is done to the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x / (1 + e^-x)`: SwiGLU.
    Silu,
    /// The Gaussian error linear unit in its approximation by tanh (Hendrycks and Gimpel 2016):
    /// `x / (1 + e^-h)` with `h = 2 sqrt(2 / pi) (x + 0.044715 x³)`.
    GeluTanh,
}

/// `2 sqrt(2 / pi)`, and that times 0.044715.
const LINEAR: f32 = 1.595_769;
const CUBIC: f32 = 0.071_354_814;

/// `out = f(gate) * up`; three slices of one length.
pub fn gated(activation: Activation, gate: &[f32], up: &[f32], out: &mut [f32]) {
    assert!(gate.len() == out.len() && up.len() == out.len(), "slices of one length");
    row_blocks(out, 1, |at, block| forward(activation, &gate[at..][..block.len()], &up[at..][..block.len()], block));
}

/// Gradients of [`gated`], in the place of `gate` and of `up`; `dy` is the output's.
pub fn gated_backward(activation: Activation, gate: &mut [f32], up: &mut [f32], dy: &[f32]) {
    let n = dy.len();
    assert!(gate.len() == n && up.len() == n, "slices of one length");
    let Some(size) = piece_rows(n, 1) else {
        return backward(activation, gate, up, dy);
    };
    let pieces = gate.par_chunks_mut(size).zip(up.par_chunks_mut(size)).zip(dy.par_chunks(size));
    pieces.for_each(|((gate, up), dy)| backward(activation, gate, up, dy));
}

vectorised! { fn forward(activation: Activation, gate: &[f32], up: &[f32], out: &mut [f32]) = forward_body }
vectorised! { fn backward(activation: Activation, gate: &mut [f32], up: &mut [f32], dy: &[f32]) = backward_body }

#[inline(always)]
fn forward_body<S: Simd>(s: S, activation: Activation, gate: &[f32], up: &[f32], out: &mut [f32]) {
    match activation {
        Activation::Silu => forward_with(s, gate, up, out, silu),
        Activation::GeluTanh => forward_with(s, gate, up, out, gelu),
    }
}

/// The `h` of [`Activation::Silu`], and `x h'`.
#[inline(always)]
fn silu<S: Simd>(_: S, x: S::V) -> (S::V, S::V) {
    (x, x)
}

/// The `h` of [`Activation::GeluTanh`], and `x h'`.
#[inline(always)]
fn gelu<S: Simd>(s: S, x: S::V) -> (S::V, S::V) {
    let square = s.mul(x, x);
    let (linear, cubic) = (s.splat(LINEAR), s.splat(CUBIC));
    (s.mul(x, s.fma(square, cubic, linear)), s.mul(x, s.fma(square, s.splat(3.0 * CUBIC), linear)))
}

#[inline(always)]
fn forward_with<S: Simd>(
    s: S,
    gate: &[f32],
    up: &[f32],
    out: &mut [f32],
    inner: impl Fn(S, S::V) -> (S::V, S::V) + Copy,
) {
    let one = inlined(
        #[inline(always)]
        |g: S::V, u: S::V| s.mul(s.mul(g, sigmoid(s, inner(s, g).0)), u),
    );
    let (gates, gate_tail) = gate.as_chunks::<LANES>();
    let (ups, up_tail) = up.as_chunks::<LANES>();
    let (outs, out_tail) = out.as_chunks_mut::<LANES>();
    for ((g, u), o) in gates.iter().zip(ups).zip(outs) {
        s.put_chunk(one(s.chunk(g), s.chunk(u)), o);
    }
    s.put_tail(one(s.tail(gate_tail), s.tail(up_tail)), out_tail);
}

#[inline(always)]
fn backward_body<S: Simd>(s: S, activation: Activation, gate: &mut [f32], up: &mut [f32], dy: &[f32]) {
    match activation {
        Activation::Silu => backward_with(s, gate, up, dy, silu),
        Activation::GeluTanh => backward_with(s, gate, up, dy, gelu),
    }
}

/// With p = sigmoid(h(gate)): f' = p (1 + gate h' (1 - p)).
#[inline(always)]
fn backward_with<S: Simd>(
    s: S,
    gate: &mut [f32],
    up: &mut [f32],
    dy: &[f32],
    inner: impl Fn(S, S::V) -> (S::V, S::V) + Copy,
) {
    let unit = s.splat(1.0);
    let one = inlined(
        #[inline(always)]
        |g: S::V, u: S::V, dy: S::V| {
            let (h, grown) = inner(s, g);
            let p = sigmoid(s, h);
            let derivative = s.mul(p, s.fma(grown, s.sub(unit, p), unit));
            (s.mul(s.mul(dy, u), derivative), s.mul(dy, s.mul(g, p)))
        },
    );
    let (gates, gate_tail) = gate.as_chunks_mut::<LANES>();
    let (ups, up_tail) = up.as_chunks_mut::<LANES>();
    let (dys, dy_tail) = dy.as_chunks::<LANES>();
    for ((g, u), dy) in gates.iter_mut().zip(ups).zip(dys) {
        let (a, b) = one(s.chunk(g), s.chunk(u), s.chunk(dy));
        s.put_chunk(a, g);
        s.put_chunk(b, u);
    }
    let (a, b) = one(s.tail(gate_tail), s.tail(up_tail), s.tail(dy_tail));
    s.put_tail(a, gate_tail);
    s.put_tail(b, up_tail);
}
