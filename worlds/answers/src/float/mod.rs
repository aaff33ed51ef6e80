//! High-precision arithmetic for what has no exact form: 320 bits, on integers alone, the same on
//! every machine.

mod complex;
mod evaluate;
mod functions;

pub(crate) use complex::Complex;
pub(crate) use evaluate::{evaluate, point};

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::fuel::Stop;

/// Bits of a mantissa.
pub(crate) const PRECISION: u64 = 320;

/// Bits to which two results must agree to be the same; the rest covers what evaluation rounds
/// away.
const AGREEMENT: i64 = 200;

/// Exponents beyond this are not computed with.
const RANGE: i64 = 1 << 48;

/// `mantissa · 2^exponent`.
#[derive(Clone, Debug)]
pub(crate) struct Float {
    mantissa: BigInt,
    exponent: i64,
}

impl Float {
    fn new(mantissa: BigInt, exponent: i64) -> Result<Float, Stop> {
        let extra = mantissa.bits().saturating_sub(PRECISION);
        let float = Float { mantissa: mantissa >> extra, exponent: exponent + extra as i64 };
        if float.mantissa.is_zero() {
            return Ok(Float { mantissa: BigInt::zero(), exponent: 0 });
        }
        if float.exponent.abs() > RANGE { Err(Stop::Large) } else { Ok(float) }
    }

    pub(crate) fn integer(value: i64) -> Float {
        Float { mantissa: value.into(), exponent: 0 }
    }

    pub(crate) fn of(value: &BigRational) -> Result<Float, Stop> {
        let top = Float::new(value.numer().clone(), 0)?;
        top.divided(&Float::new(value.denom().clone(), 0)?)
    }

    /// From a fixed-point number with `scale` bits after the point.
    fn fixed(value: BigInt, scale: u64) -> Result<Float, Stop> {
        Float::new(value, -(scale as i64))
    }

    /// A fixed-point number with `scale` bits after the point, if its whole part is not too large.
    fn to_fixed(&self, scale: u64) -> Result<BigInt, Stop> {
        let shift = self.exponent + scale as i64;
        if self.top() > 4096 {
            return Err(Stop::Large);
        }
        Ok(if shift >= 0 { &self.mantissa << shift } else { &self.mantissa >> (-shift).min(1 << 20) })
    }

    /// The place of its first bit: it is below `2^top` and at least half of that.
    pub(crate) fn top(&self) -> i64 {
        if self.is_zero() { -RANGE } else { self.exponent + self.mantissa.bits() as i64 }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.mantissa.sign() == Sign::Minus
    }

    pub(crate) fn negated(&self) -> Float {
        Float { mantissa: -&self.mantissa, exponent: self.exponent }
    }

    pub(crate) fn magnitude(&self) -> Float {
        Float { mantissa: self.mantissa.abs(), exponent: self.exponent }
    }

    pub(crate) fn plus(&self, other: &Float) -> Result<Float, Stop> {
        if self.is_zero() {
            return Ok(other.clone());
        }
        if other.is_zero() {
            return Ok(self.clone());
        }
        let (high, low) = if self.top() >= other.top() { (self, other) } else { (other, self) };
        if high.top() - low.top() > 2 * PRECISION as i64 {
            return Ok(high.clone());
        }
        let exponent = high.exponent.min(low.exponent);
        let sum = (&high.mantissa << (high.exponent - exponent)) + (&low.mantissa << (low.exponent - exponent));
        Float::new(sum, exponent)
    }

    pub(crate) fn minus(&self, other: &Float) -> Result<Float, Stop> {
        self.plus(&other.negated())
    }

    pub(crate) fn times(&self, other: &Float) -> Result<Float, Stop> {
        Float::new(&self.mantissa * &other.mantissa, self.exponent + other.exponent)
    }

    pub(crate) fn divided(&self, other: &Float) -> Result<Float, Stop> {
        if other.is_zero() {
            return Err(Stop::Undefined);
        }
        let shift = PRECISION + other.mantissa.bits();
        Float::new((&self.mantissa << shift) / &other.mantissa, self.exponent - other.exponent - shift as i64)
    }

    /// The square root of a number that is not negative.
    pub(crate) fn root(&self) -> Result<Float, Stop> {
        if self.is_negative() {
            return Err(Stop::Undefined);
        }
        let shift = 2 * PRECISION as i64 + (self.exponent & 1);
        Float::new((&self.mantissa << shift).sqrt(), (self.exponent - shift) / 2)
    }

    /// The nearest integer below, if it is not too large.
    pub(crate) fn floor(&self) -> Result<BigInt, Stop> {
        self.to_fixed(0)
    }

    /// Its value as an integer, if it is one.
    pub(crate) fn as_integer(&self) -> Option<BigInt> {
        let nearest = self.plus(&Float { mantissa: 1.into(), exponent: -1 }).ok()?.floor().ok()?;
        let back = Float::new(nearest.clone(), 0).ok()?;
        self.agrees(&back).then_some(nearest)
    }

    pub(crate) fn compare(&self, other: &Float) -> Ordering {
        match self.minus(other) {
            Ok(difference) if difference.is_zero() => Ordering::Equal,
            Ok(difference) if difference.is_negative() => Ordering::Less,
            Ok(_) => Ordering::Greater,
            Err(_) => self.top().cmp(&other.top()),
        }
    }

    /// Whether two are the same to 200 bits, or both nothing but what rounding left of zero.
    pub(crate) fn agrees(&self, other: &Float) -> bool {
        let scale = self.top().max(other.top());
        self.minus(other).is_ok_and(|difference| {
            difference.top() <= scale.max(0) - AGREEMENT && {
                // numbers far below one must agree relative to themselves, unless rounding could have made them
                difference.top() <= scale - AGREEMENT || scale < -AGREEMENT
            }
        })
    }

    /// A small integer.
    fn small(&self) -> Option<i64> {
        self.as_integer()?.to_i64()
    }
}
