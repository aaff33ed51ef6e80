//! Whether two expressions are the same number or the same function.
//!
//! First as quotients of polynomials, which is exact; numbers too large for that modulo primes;
//! what is left (roots, π, trigonometric functions, symbolic exponents) to 200 bits, functions at
//! several points.

use num_rational::BigRational;

use crate::exact::{Atoms, agree_by_residues, quotient};
use crate::float::{Complex, evaluate, point};
use crate::fuel::{Fuel, Stop};
use crate::tree::{Constant, Expr};

/// Whether two expressions are equal, if that can be told.
pub(crate) fn equal(left: &Expr, right: &Expr, fuel: &Fuel) -> Result<bool, Stop> {
    if left == right {
        return Ok(true);
    }
    if let (Some(left), Some(right)) = (infinite(left), infinite(right)) {
        return Ok(left == right);
    }
    if infinite(left).is_some() != infinite(right).is_some() {
        return Ok(false);
    }
    match exactly(left, right, fuel) {
        Ok(Some(equal)) => return Ok(equal),
        Err(stop @ (Stop::Fuel | Stop::Undefined)) => return Err(stop),
        Ok(None) | Err(_) => {}
    }
    if left.variables().is_empty() && right.variables().is_empty() {
        match agree_by_residues(left, right, fuel) {
            Err(Stop::Fuel) => return Err(Stop::Fuel),
            Ok(equal) => return Ok(equal),
            Err(_) => {}
        }
    }
    numerically(left, right, fuel)
}

/// The sign of an infinity.
fn infinite(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Constant(Constant::Infinity) => Some(true),
        Expr::Negative(part) => infinite(part).map(|positive| !positive),
        _ => None,
    }
}

/// Equality as quotients of polynomials; `None` if what counts as variables may be related.
fn exactly(left: &Expr, right: &Expr, fuel: &Fuel) -> Result<Option<bool>, Stop> {
    let mut atoms = Atoms::default();
    let (left, right) = (quotient(left, &mut atoms, fuel)?, quotient(right, &mut atoms, fuel)?);
    let difference = left.difference(&right, fuel)?;
    if difference.is_zero() {
        return Ok(Some(true));
    }
    Ok(atoms.are_free(&difference).then_some(false))
}

/// How many points functions are compared at, the first four positive.
const POINTS: u64 = 10;

fn numerically(left: &Expr, right: &Expr, fuel: &Fuel) -> Result<bool, Stop> {
    let closed = left.variables().is_empty() && right.variables().is_empty();
    let (mut real, mut complex, mut stopped) = (0, Vec::new(), Stop::Undefined);
    for round in 0..if closed { 1 } else { POINTS } {
        let at = |name: &str| point(round, name);
        let (left, right) = match (evaluate(left, &at, fuel), evaluate(right, &at, fuel)) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(Stop::Fuel), _) | (_, Err(Stop::Fuel)) => return Err(Stop::Fuel),
            (Err(stop), _) | (_, Err(stop)) => {
                stopped = stop;
                continue;
            }
        };
        let agree = left.agrees(&right);
        if left.as_real().is_some() && right.as_real().is_some() {
            real += 1;
            if !agree {
                return Ok(false);
            }
        } else {
            complex.push(agree);
        }
    }
    // where both are real decides; functions that are not real anywhere are compared as complex ones
    match (real, complex.is_empty()) {
        (2.., _) => Ok(true),
        (1, _) if closed => Ok(true),
        (_, false) => Ok(complex.into_iter().all(|agree| agree)),
        _ => Err(stopped),
    }
}

/// The value of an expression without variables.
pub(crate) fn value(expr: &Expr, fuel: &Fuel) -> Result<Complex, Stop> {
    evaluate(expr, &|_| BigRational::from_integer(1.into()), fuel)
}

/// The exact value of an expression, if it is a rational number that can be written down.
pub(crate) fn rational(expr: &Expr, fuel: &Fuel) -> Option<BigRational> {
    quotient(expr, &mut Atoms::default(), fuel).ok()?.value()
}
