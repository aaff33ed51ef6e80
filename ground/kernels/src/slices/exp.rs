//! The exponential, in vectors: the same operations on every path, so the same bits.

use crate::simd::Simd;

const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// ln 2 in two parts: the first has so few bits that its product with the exponent is exact (Cody and Waite 1980).
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding this rounds to the nearest integer and leaves the integer in the low bits of the mantissa.
const TO_INTEGER: f32 = 12_582_912.0;
/// Where the result would leave the normal numbers: below, it is 0.
const LEAST: f32 = -86.5;
const GREATEST: f32 = 88.72;

/// `e^x`, within 2 units in the last place on `[-86.5, 88.72]`; 0 below, the greatest value above.
///
/// Cephes' `expf`: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial of degree 7 in r, and n added to the exponent.
#[inline(always)]
pub(crate) fn exp<S: Simd>(s: S, x: S::V) -> S::V {
    // In this order of operands a NaN passes through.
    let clamped = s.min(s.splat(GREATEST), s.max(s.splat(LEAST), x));
    let biased = s.fma(clamped, s.splat(LOG2_E), s.splat(TO_INTEGER));
    let n = s.sub(biased, s.splat(TO_INTEGER));
    let r = s.fma(n, s.splat(-LN2_HIGH), clamped);
    let r = s.fma(n, s.splat(-LN2_LOW), r);
    let mut p = s.splat(1.987_569_1e-4);
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = s.fma(p, r, s.splat(c));
    }
    let p = s.add(s.fma(p, s.mul(r, r), r), s.splat(1.0));
    s.zero_below(s.scale_by_low_bits(p, biased), x, LEAST)
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(s: S, x: S::V) -> S::V {
    let one = s.splat(1.0);
    s.div(one, s.add(one, exp(s, s.sub(s.splat(0.0), x))))
}
