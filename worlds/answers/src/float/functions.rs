//! Elementary functions of real numbers, by series on fixed-point integers.

use std::sync::OnceLock;

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

use super::{Float, PRECISION};
use crate::fuel::Stop;

/// Bits after the point in series: those of a mantissa, and some for what rounding takes.
const SCALE: u64 = PRECISION + 128;

fn one() -> BigInt {
    BigInt::one() << SCALE
}

/// The sum of `first · ratio^n / divisor(n)`, with alternating signs if asked, down to nothing.
fn series(first: BigInt, ratio: &BigInt, alternating: bool, step: impl Fn(u64) -> (u64, u64)) -> BigInt {
    let (mut power, mut sum, mut n) = (first.clone(), first, 1);
    while !power.is_zero() && power != BigInt::from(-1) && n < 2000 {
        power = (power * ratio) >> SCALE;
        let (shrink, divisor) = step(n);
        power /= shrink;
        let term = &power / divisor;
        if alternating && n % 2 == 1 {
            sum -= term
        } else {
            sum += term
        }
        n += 1;
    }
    sum
}

/// `atan(1/n)` in fixed point.
fn atan_of_inverse(n: u32) -> BigInt {
    let first = one() / n;
    let ratio = one() / (n * n);
    series(first, &ratio, true, |n| (1, 2 * n + 1))
}

/// π in fixed point, by Machin's formula.
fn pi_fixed() -> &'static BigInt {
    static PI: OnceLock<BigInt> = OnceLock::new();
    PI.get_or_init(|| (atan_of_inverse(5) * 4 - atan_of_inverse(239)) * 4)
}

/// ln 2 in fixed point: `2 atanh(1/3)`.
fn ln2_fixed() -> &'static BigInt {
    static LN2: OnceLock<BigInt> = OnceLock::new();
    LN2.get_or_init(|| series(one() / 3, &(one() / 9), false, |n| (1, 2 * n + 1)) * 2)
}

pub(crate) fn pi() -> Result<Float, Stop> {
    Float::fixed(pi_fixed().clone(), SCALE)
}

pub(crate) fn exp(x: &Float) -> Result<Float, Stop> {
    if x.top() > 47 {
        return if x.is_negative() { Ok(Float::integer(0)) } else { Err(Stop::Large) };
    }
    let fixed = x.to_fixed(SCALE)?;
    let halves = (&fixed / ln2_fixed()).to_i64().ok_or(Stop::Large)?;
    let rest = fixed - ln2_fixed() * halves;
    let mut power = series(one(), &(rest >> 12), false, |n| (n, 1));
    for _ in 0..12 {
        power = (&power * &power) >> SCALE;
    }
    Float::new(power, halves - SCALE as i64)
}

/// The natural logarithm of a positive number.
pub(crate) fn ln(x: &Float) -> Result<Float, Stop> {
    if x.is_zero() || x.is_negative() {
        return Err(Stop::Undefined);
    }
    let halves = x.top();
    let unit = Float { mantissa: x.mantissa.clone(), exponent: x.exponent - halves };
    let fixed = unit.to_fixed(SCALE)?; // in [1/2, 1)
    let ratio = ((&fixed - one()) << SCALE) / (&fixed + one());
    let square = (&ratio * &ratio) >> SCALE;
    let log = series(ratio, &square, false, |n| (1, 2 * n + 1)) * 2;
    Float::fixed(log + ln2_fixed() * halves, SCALE)
}

/// Sine and cosine.
pub(crate) fn sin_cos(x: &Float) -> Result<(Float, Float), Stop> {
    if x.top() > 64 {
        return Err(Stop::Large);
    }
    let fixed = x.to_fixed(SCALE)?;
    let quarter: BigInt = pi_fixed() >> 1;
    let eighth: BigInt = pi_fixed() >> 2;
    let mut turns = (&fixed + eighth) / &quarter;
    let mut rest = &fixed - &turns * &quarter;
    if rest < -(&quarter >> 1u32) {
        turns -= 1;
        rest += &quarter;
    }
    let square = (&rest * &rest) >> SCALE;
    let near_zero = rest.bits() < SCALE - 256;
    let sine = if near_zero { BigInt::zero() } else { alternating(rest.clone(), &square, |n| 2 * n * (2 * n + 1)) };
    let cosine = alternating(one(), &square, |n| (2 * n - 1) * 2 * n);
    let (sine, cosine) = (Float::fixed(sine, SCALE)?, Float::fixed(cosine, SCALE)?);
    let turn: BigInt = ((turns % 4u32) + 4u32) % 4u32;
    Ok(match turn.to_u8() {
        Some(0) => (sine, cosine),
        Some(1) => (cosine, sine.negated()),
        Some(2) => (sine.negated(), cosine.negated()),
        _ => (cosine.negated(), sine),
    })
}

/// The sum of `first · (-square)^n / shrink(1)…shrink(n)`.
fn alternating(first: BigInt, square: &BigInt, shrink: impl Fn(u64) -> u64) -> BigInt {
    series(first, square, true, |n| (shrink(n), 1))
}

pub(crate) fn atan(x: &Float) -> Result<Float, Stop> {
    let one = Float::integer(1);
    if x.top() > 1 {
        let rest = atan(&one.divided(&x.magnitude())?)?;
        let angle = pi()?.divided(&Float::integer(2))?.minus(&rest)?;
        return Ok(if x.is_negative() { angle.negated() } else { angle });
    }
    let mut x = x.clone();
    for _ in 0..4 {
        let hypotenuse = x.times(&x)?.plus(&one)?.root()?;
        x = x.divided(&hypotenuse.plus(&one)?)?;
    }
    let fixed = x.to_fixed(SCALE)?;
    let square = (&fixed * &fixed) >> SCALE;
    Float::fixed(series(fixed, &square, true, |n| (1, 2 * n + 1)) * 16, SCALE)
}

/// The angle of a point, from -π to π.
pub(crate) fn angle(x: &Float, y: &Float) -> Result<Float, Stop> {
    if x.is_zero() && y.is_zero() {
        return Err(Stop::Undefined);
    }
    if x.is_zero() {
        let quarter = pi()?.divided(&Float::integer(2))?;
        return Ok(if y.is_negative() { quarter.negated() } else { quarter });
    }
    let angle = atan(&y.divided(x)?)?;
    if !x.is_negative() {
        return Ok(angle);
    }
    if y.is_negative() { angle.minus(&pi()?) } else { angle.plus(&pi()?) }
}
