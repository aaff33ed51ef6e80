//! Exact arithmetic: polynomials with rational coefficients, their quotients, residues modulo a
//! prime.

mod polynomial;
mod quotient;
mod residue;

pub(crate) use polynomial::Polynomial;
pub(crate) use quotient::{Atoms, quotient};
pub(crate) use residue::agree_by_residues;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, Zero};

use crate::fuel::{Fuel, Stop};

/// The most bits of an exact number.
pub(crate) const BITS: u64 = 20_000;

/// The bits of a number, numerator and denominator together.
pub(crate) fn bits(value: &BigRational) -> u64 {
    value.numer().bits() + value.denom().bits()
}

/// An integer power, unless it is too large to write down.
pub(crate) fn power(base: &BigRational, exponent: &BigInt, fuel: &Fuel) -> Result<BigRational, Stop> {
    if exponent.is_zero() || base.is_one() {
        return Ok(BigRational::one());
    }
    if base.is_zero() {
        return if exponent.is_negative() { Err(Stop::Undefined) } else { Ok(BigRational::zero()) };
    }
    if (-base).is_one() {
        return Ok(if exponent.bit(0) { -BigRational::one() } else { BigRational::one() });
    }
    let size: u64 = exponent.magnitude().try_into().map_err(|_| Stop::Large)?;
    if size.saturating_mul(bits(base)) > BITS {
        return Err(Stop::Large);
    }
    fuel.multiply(size * bits(base), size * bits(base))?;
    let raised = Pow::pow(base, size as u32);
    Ok(if exponent.is_negative() { raised.recip() } else { raised })
}

/// `n!`, for an `n` whose factorial can be written down.
pub(crate) fn factorial(n: &BigInt, fuel: &Fuel) -> Result<BigInt, Stop> {
    let n: u64 = n.try_into().map_err(|_| if n.is_negative() { Stop::Undefined } else { Stop::Large })?;
    if n > 1500 {
        return Err(Stop::Large);
    }
    fuel.spend(n * 20)?;
    Ok((1..=n).fold(BigInt::one(), |product, factor| product * factor))
}

/// `n!! = n (n - 2) (n - 4) …`, for an `n` whose double factorial can be written down.
pub(crate) fn double_factorial(n: &BigInt, fuel: &Fuel) -> Result<BigInt, Stop> {
    let n: u64 = n.try_into().map_err(|_| if n.is_negative() { Stop::Undefined } else { Stop::Large })?;
    if n > 2000 {
        return Err(Stop::Large);
    }
    fuel.spend(n * 20)?;
    Ok((1..=n).rev().step_by(2).fold(BigInt::one(), |product, factor| product * factor))
}

/// The greatest common divisor, by Euclid.
pub(crate) fn gcd(mut a: BigInt, mut b: BigInt) -> BigInt {
    while !b.is_zero() {
        (a, b) = (b.clone(), a % b);
    }
    a.abs()
}

/// The number of ways to choose `k` of `n`.
pub(crate) fn binomial(n: &BigInt, k: &BigInt, fuel: &Fuel) -> Result<BigInt, Stop> {
    if n.is_negative() {
        return Err(Stop::Unknown);
    }
    if k.is_negative() || k > n {
        return Ok(BigInt::zero());
    }
    let k = k.clone().min(n - k);
    let k: u64 = (&k).try_into().map_err(|_| Stop::Large)?;
    if k.saturating_mul(n.bits()) > BITS {
        return Err(Stop::Large);
    }
    fuel.spend(k * 20 + 1)?;
    Ok((0..k).fold(BigInt::one(), |product, place| product * (n - place) / (place + 1)))
}
