//! The exponential, in vectors: the same operations on every path, so the same bits.

use crate::simd::Simd;

const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// ln 2 in two parts: the first has so few bits that its product with the exponent is exact (Cody
/// and Waite 1980).
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding this rounds to the nearest integer and leaves the integer in the low bits of the
/// mantissa.
const TO_INTEGER: f32 = 12_582_912.0;
/// Where the result would leave the normal numbers: below, it is 0.
const LEAST: f32 = -86.5;
const GREATEST: f32 = 88.72;

/// `e^x`, within 2 units in the last place on `[-86.5, 88.72]`; 0 below, the greatest value above.
///
/// Cephes' `expf`: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial of degree 7 in r, and n added
/// to the exponent.
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

/// Up to here the hyperbolic tangent is a polynomial; above, it is made of the exponential.
const SMALL: f32 = 0.625;

/// The hyperbolic tangent, within a few units in the last place (Cephes' `tanhf`).
#[inline(always)]
pub(crate) fn tanh<S: Simd>(s: S, x: S::V) -> S::V {
    let (zero, one) = (s.splat(0.0), s.splat(1.0));
    let size = s.max(x, s.sub(zero, x));
    let small = s.max(s.splat(-SMALL), s.min(x, s.splat(SMALL)));
    let square = s.mul(small, small);
    let mut p = s.splat(-5.704_988_7e-3);
    for c in [2.063_908_8e-2, -5.373_971_6e-2, 1.333_144_2e-1, -3.333_328e-1] {
        p = s.fma(p, square, s.splat(c));
    }
    let near = s.fma(s.mul(p, square), small, small);
    let sign = s.sub(s.add(s.zero_below(one, x, 0.0), s.zero_below(one, x, 0.0)), one);
    let grown = s.add(exp(s, s.add(size, size)), one);
    let far = s.mul(sign, s.sub(one, s.div(s.splat(2.0), grown)));
    // exactly one of the two is taken: the other is replaced by 0
    s.add(s.zero_below(far, size, SMALL), s.sub(near, s.zero_below(near, size, SMALL)))
}
