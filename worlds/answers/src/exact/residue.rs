//! Integers too large to write down, compared modulo primes.
//!
//! A tower such as `10^{10^{10}}` has a residue all the same: by Euler, exponents above the bits of
//! the modulus repeat with period φ(m), so the tower's top is only needed modulo φ(m), and so on
//! down. Two different numbers with the same residues modulo three primes near 2^31 would have a
//! difference that all three divide.

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::fuel::{Fuel, Stop};
use crate::tree::{Expr, Function};

/// Primes near 2^31.
const PRIMES: [u64; 3] = [2_147_483_647, 2_147_483_629, 2_147_483_587];

/// Whether two numbers made of integers by `+ - * / ^ !` are the same.
pub(crate) fn agree_by_residues(left: &Expr, right: &Expr, fuel: &Fuel) -> Result<bool, Stop> {
    let mut compared = 0;
    for prime in PRIMES {
        let (Ok(left), Ok(right)) = (residue(left, prime, fuel), residue(right, prime, fuel)) else { continue };
        if left != right {
            return Ok(false);
        }
        compared += 1;
    }
    if compared == PRIMES.len() { Ok(true) } else { Err(Stop::Unknown) }
}

fn residue(expr: &Expr, modulus: u64, fuel: &Fuel) -> Result<u64, Stop> {
    fuel.spend(16)?;
    let multiply = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(modulus)) as u64;
    match expr {
        Expr::Number(value) => {
            let of = |integer: &BigInt| {
                let modulus = BigInt::from(modulus);
                (((integer % &modulus) + &modulus) % &modulus).to_u64().ok_or(Stop::Unknown)
            };
            Ok(multiply(of(value.numer())?, inverse(of(value.denom())?, modulus)?))
        }
        Expr::Sum(terms) => terms.iter().try_fold(0, |sum, term| Ok((sum + residue(term, modulus, fuel)?) % modulus)),
        Expr::Product(factors) => factors
            .iter()
            .try_fold(1 % modulus, |product, factor| Ok(multiply(product, residue(factor, modulus, fuel)?))),
        Expr::Negative(part) => Ok((modulus - residue(part, modulus, fuel)?) % modulus),
        Expr::Quotient(top, bottom) => {
            Ok(multiply(residue(top, modulus, fuel)?, inverse(residue(bottom, modulus, fuel)?, modulus)?))
        }
        Expr::Power(base, exponent) => {
            let base = residue(base, modulus, fuel)?;
            match small(exponent) {
                Some(exponent) if exponent.is_negative() => {
                    inverse(raise(base, exponent.magnitude(), modulus), modulus)
                }
                Some(exponent) => Ok(raise(base, exponent.magnitude(), modulus)),
                None if is_large(exponent) => {
                    let period = totient(modulus, fuel)?;
                    let exponent = residue(exponent, period, fuel)? + period;
                    Ok(raise(base, &exponent.into(), modulus))
                }
                None => Err(Stop::Unknown),
            }
        }
        Expr::Call(Function::Factorial, arguments) => {
            let n = arguments.first().and_then(small).and_then(|n| n.to_u64()).filter(|n| *n <= 200_000);
            let n = n.ok_or(Stop::Unknown)?;
            fuel.spend(n)?;
            Ok((1..=n).fold(1 % modulus, |product, factor| multiply(product, factor % modulus)))
        }
        _ => Err(Stop::Unknown),
    }
}

/// An integer that stands there as a numeral.
fn small(expr: &Expr) -> Option<BigInt> {
    match expr {
        Expr::Number(value) if value.is_integer() => Some(value.to_integer()),
        Expr::Negative(part) => small(part).map(|value| -value),
        _ => None,
    }
}

/// Whether an exponent is surely an integer above 64, so that residues repeat: a power or product
/// of numerals above one.
fn is_large(expr: &Expr) -> bool {
    let natural = |expr: &Expr| small(expr).is_some_and(|value| value > BigInt::one());
    match expr {
        Expr::Power(base, exponent) => {
            let exponent_large = small(exponent).map_or_else(|| is_large(exponent), |value| value >= BigInt::from(7));
            (natural(base) || is_large(base)) && exponent_large
        }
        Expr::Product(factors) => {
            factors.iter().all(|factor| natural(factor) || is_large(factor)) && factors.iter().any(is_large)
        }
        expr => small(expr).is_some_and(|value| value > BigInt::from(64)),
    }
}

fn raise(base: u64, exponent: &num_bigint::BigUint, modulus: u64) -> u64 {
    let power = num_bigint::BigUint::from(base).modpow(exponent, &modulus.into());
    power.to_u64().unwrap_or(0)
}

fn inverse(value: u64, modulus: u64) -> Result<u64, Stop> {
    if value == 1 || modulus == 1 {
        return Ok(value % modulus);
    }
    let inverse = BigInt::from(value).modinv(&modulus.into());
    inverse.filter(|inverse| !inverse.is_zero()).and_then(|inverse| inverse.to_u64()).ok_or(Stop::Unknown)
}

/// Euler's φ.
fn totient(number: u64, fuel: &Fuel) -> Result<u64, Stop> {
    fuel.spend(2000)?;
    let (mut rest, mut result, mut factor) = (number, number, 2);
    while factor * factor <= rest {
        if rest.is_multiple_of(factor) {
            result -= result / factor;
            while rest.is_multiple_of(factor) {
                rest /= factor;
            }
        }
        factor += 1;
    }
    Ok(if rest > 1 { result - result / rest } else { result })
}
