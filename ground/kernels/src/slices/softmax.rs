//! Softmax of one row of scores, in the one order that training and decoding share.

use super::exp::{exp, tanh};
use super::scores::Scores;
use crate::simd::{LANES, Simd};

/// Replaces raw scores by their exponentials, and returns `(greatest, sum)`: soft-capped first,
/// where that is asked for.
#[inline(always)]
pub(crate) fn weights<S: Simd>(s: S, row: &mut [f32], scores: Scores) -> (f32, f32) {
    let scale = capped(s, row, scores);
    exponentials(s, row, scale)
}

/// Caps raw scores where that is asked for, and returns what is left to multiply them by.
#[inline(always)]
pub(crate) fn capped<S: Simd>(s: S, row: &mut [f32], scores: Scores) -> f32 {
    let Some(cap) = scores.softcap else { return scores.scale };
    cap_row(s, row, scores.scale, cap);
    1.0
}

/// `row = cap * tanh(scale * row / cap)`.
#[inline(always)]
pub(crate) fn cap_row<S: Simd>(s: S, row: &mut [f32], scale: f32, cap: f32) {
    let (factor, caps) = (s.splat(scale / cap), s.splat(cap));
    let (chunks, tail) = row.as_chunks_mut::<LANES>();
    for c in chunks {
        s.put_chunk(s.mul(caps, tanh(s, s.mul(s.chunk(c), factor))), c);
    }
    if !tail.is_empty() {
        let last = s.mul(caps, tanh(s, s.mul(s.tail(tail), factor)));
        s.put_tail(last, tail);
    }
}

/// Replaces `row` by `e^(scale * row - greatest)` and returns `(greatest, sum)`.
///
/// The sum runs over 16 lanes in ascending order and then over the lanes as a tree: elements of
/// negative infinity after the others change nothing.
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
    if !tail.is_empty() {
        s.put_tail(exp(s, s.fma(s.tail(tail), scales, tops)), tail);
        sum = s.add(sum, s.tail(tail));
    }
    (top, s.sum(sum))
}

/// [`exponentials`] of `H` rows of `width` elements, which are whole vectors, one after the other
/// and side by side in time, which hides how long each takes. Returns the sums.
#[inline(always)]
pub(crate) fn exponentials_of_rows<S: Simd, const H: usize>(
    s: S,
    rows: &mut [f32],
    width: usize,
    scale: f32,
) -> [f32; H] {
    assert!(width.is_multiple_of(LANES), "rows of {width}");
    let (mut sums, mut tops) = ([0.0; H], [s.splat(f32::NEG_INFINITY); H]);
    let (chunks, each) = (&mut rows.as_chunks_mut::<LANES>().0[..H * width / LANES], width / LANES);
    for at in 0..each {
        for h in 0..H {
            tops[h] = s.max(s.chunk(&chunks[h * each + at]), tops[h]);
        }
    }
    for top in &mut tops {
        *top = s.splat(-(s.greatest(*top) * scale));
    }
    let (scales, mut totals) = (s.splat(scale), [s.splat(0.0); H]);
    for at in 0..each {
        for h in 0..H {
            let e = exp(s, s.fma(s.chunk(&chunks[h * each + at]), scales, tops[h]));
            totals[h] = s.add(totals[h], e);
            s.put_chunk(e, &mut chunks[h * each + at]);
        }
    }
    for (sum, total) in sums.iter_mut().zip(totals) {
        *sum = s.sum(total);
    }
    sums
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
    if !tail.is_empty() {
        let last = s.mul(s.tail(tail), f);
        s.put_tail(last, tail);
    }
}
