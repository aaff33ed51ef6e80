//! Softmax of one row of scores, in the one order that training and decoding share.

use super::exp::{exp, tanh};
use super::scores::Scores;
use crate::simd::{LANES, Simd};

/// Replaces raw scores by their exponentials, and returns `(greatest, sum)`: soft-capped first, where that is asked for.
#[inline(always)]
pub(crate) fn weights<S: Simd>(s: S, row: &mut [f32], scores: Scores) -> (f32, f32) {
    match scores.softcap {
        None => exponentials(s, row, scores.scale),
        Some(cap) => {
            cap_row(s, row, scores.scale, cap);
            exponentials(s, row, 1.0)
        }
    }
}

/// `row = cap * tanh(scale * row / cap)`.
#[inline(always)]
pub(crate) fn cap_row<S: Simd>(s: S, row: &mut [f32], scale: f32, cap: f32) {
    let (factor, caps) = (s.splat(scale / cap), s.splat(cap));
    let (chunks, tail) = row.as_chunks_mut::<LANES>();
    for c in chunks {
        s.put_chunk(s.mul(caps, tanh(s, s.mul(s.chunk(c), factor))), c);
    }
    let last = s.mul(caps, tanh(s, s.mul(s.tail(tail), factor)));
    s.put_tail(last, tail);
}

/// Replaces `row` by `e^(scale * row - greatest)` and returns `(greatest, sum)`.
///
/// The sum runs over 16 lanes in ascending order and then over the lanes as a tree.
#[inline(always)]
pub(crate) fn exponentials<S: Simd>(s: S, row: &mut [f32], scale: f32) -> (f32, f32) {
    let top = greatest(s, row) * scale;
    let (scales, tops) = (s.splat(scale), s.splat(-top));
    let mut sum = s.splat(0.0);
    let (chunks, tail) = row.as_chunks_mut::<LANES>();
    for c in chunks {
        let e = exp(s, s.fma(s.chunk(c), scales, tops));
        sum = s.add(sum, e);
        s.put_chunk(e, c);
    }
    s.put_tail(exp(s, s.fma(s.tail(tail), scales, tops)), tail);
    (top, s.sum(s.add(sum, s.tail(tail))))
}

/// `sum(e^(row - top))`, in the same order, leaving the row as it is.
#[inline(always)]
pub(crate) fn sum_of_exponentials<S: Simd>(s: S, row: &[f32], top: f32) -> f32 {
    let tops = s.splat(-top);
    let mut sum = s.splat(0.0);
    let (chunks, tail) = row.as_chunks::<LANES>();
    for c in chunks {
        sum = s.add(sum, exp(s, s.add(s.chunk(c), tops)));
    }
    let mut last = [0.0; LANES];
    let last = &mut last[..tail.len()];
    s.put_tail(exp(s, s.add(s.tail(tail), tops)), last);
    s.sum(s.add(sum, s.tail(last)))
}

/// The greatest element; negative infinity of none.
#[inline(always)]
pub(crate) fn greatest<S: Simd>(s: S, row: &[f32]) -> f32 {
    let mut top = s.splat(f32::NEG_INFINITY);
    let (chunks, tail) = row.as_chunks::<LANES>();
    for c in chunks {
        top = s.max(s.chunk(c), top);
    }
    tail.iter().fold(s.greatest(top), |top, &x| if x > top { x } else { top })
}

/// `row *= factor`.
#[inline(always)]
pub(crate) fn scale_row<S: Simd>(s: S, row: &mut [f32], factor: f32) {
    let f = s.splat(factor);
    let (chunks, tail) = row.as_chunks_mut::<LANES>();
    for c in chunks {
        s.put_chunk(s.mul(s.chunk(c), f), c);
    }
    let last = s.mul(s.tail(tail), f);
    s.put_tail(last, tail);
}
