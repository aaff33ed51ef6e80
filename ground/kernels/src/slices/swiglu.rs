//! SwiGLU (Shazeer 2020): `silu(gate) * up`, with `silu(x) = x / (1 + e^-x)`.

use super::exp::sigmoid;
use super::threads::{piece_rows, row_blocks};
use crate::simd::{LANES, Simd, inlined, vectorised};
use rayon::prelude::*;

/// `out = silu(gate) * up`; three slices of one length.
pub fn swiglu(gate: &[f32], up: &[f32], out: &mut [f32]) {
    assert!(gate.len() == out.len() && up.len() == out.len(), "slices of one length");
    row_blocks(out, 1, |at, block| forward(&gate[at..][..block.len()], &up[at..][..block.len()], block));
}

/// Gradients of [`swiglu`]: overwrites `d_gate` and `d_up`.
pub fn swiglu_backward(gate: &[f32], up: &[f32], dy: &[f32], d_gate: &mut [f32], d_up: &mut [f32]) {
    let n = dy.len();
    assert!([gate.len(), up.len(), d_gate.len(), d_up.len()] == [n; 4], "slices of one length");
    let Some(size) = piece_rows(n, 1) else {
        return backward(gate, up, dy, d_gate, d_up);
    };
    let out = d_gate.par_chunks_mut(size).zip(d_up.par_chunks_mut(size));
    out.zip(gate.par_chunks(size))
        .zip(up.par_chunks(size))
        .zip(dy.par_chunks(size))
        .for_each(|((((d_gate, d_up), gate), up), dy)| backward(gate, up, dy, d_gate, d_up));
}

vectorised! { fn forward(gate: &[f32], up: &[f32], out: &mut [f32]) = forward_body }
vectorised! { fn backward(gate: &[f32], up: &[f32], dy: &[f32], d_gate: &mut [f32], d_up: &mut [f32]) = backward_body }

#[inline(always)]
fn forward_body<S: Simd>(s: S, gate: &[f32], up: &[f32], out: &mut [f32]) {
    let one = inlined(
        #[inline(always)]
        |g: S::V, u: S::V| s.mul(s.mul(g, sigmoid(s, g)), u),
    );
    let (gates, gate_tail) = gate.as_chunks::<LANES>();
    let (ups, up_tail) = up.as_chunks::<LANES>();
    let (outs, out_tail) = out.as_chunks_mut::<LANES>();
    for ((g, u), o) in gates.iter().zip(ups).zip(outs) {
        s.put_chunk(one(s.chunk(g), s.chunk(u)), o);
    }
    s.put_tail(one(s.tail(gate_tail), s.tail(up_tail)), out_tail);
}

/// With p = sigmoid(gate): silu' = p (1 + gate (1 - p)).
#[inline(always)]
fn backward_body<S: Simd>(s: S, gate: &[f32], up: &[f32], dy: &[f32], d_gate: &mut [f32], d_up: &mut [f32]) {
    let unit = s.splat(1.0);
    let one = inlined(
        #[inline(always)]
        |g: S::V, u: S::V, dy: S::V| {
            let p = sigmoid(s, g);
            let slope = s.mul(p, s.fma(g, s.sub(unit, p), unit));
            (s.mul(s.mul(dy, u), slope), s.mul(dy, s.mul(g, p)))
        },
    );
    let (gates, gate_tail) = gate.as_chunks::<LANES>();
    let (ups, up_tail) = up.as_chunks::<LANES>();
    let (dys, dy_tail) = dy.as_chunks::<LANES>();
    let (d_gates, d_gate_tail) = d_gate.as_chunks_mut::<LANES>();
    let (d_ups, d_up_tail) = d_up.as_chunks_mut::<LANES>();
    for ((((g, u), dy), dg), du) in gates.iter().zip(ups).zip(dys).zip(d_gates).zip(d_ups) {
        let (a, b) = one(s.chunk(g), s.chunk(u), s.chunk(dy));
        s.put_chunk(a, dg);
        s.put_chunk(b, du);
    }
    let (a, b) = one(s.tail(gate_tail), s.tail(up_tail), s.tail(dy_tail));
    s.put_tail(a, d_gate_tail);
    s.put_tail(b, d_up_tail);
}
