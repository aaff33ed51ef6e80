//! Expressions evaluated at a point.

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

use super::functions::{atan, pi, sin_cos};
use super::{Complex, Float};
use crate::fuel::{Fuel, Stop};
use crate::tree::{Constant, Expr, Function};

/// The value of an expression where each variable has a value.
pub(crate) fn evaluate(expr: &Expr, at: &dyn Fn(&str) -> BigRational, fuel: &Fuel) -> Result<Complex, Stop> {
    fuel.spend(40)?;
    let of = |expr: &Expr| evaluate(expr, at, fuel);
    match expr {
        Expr::Number(value) => Ok(Complex::real(Float::of(value)?)),
        Expr::Variable(name) => Ok(Complex::real(Float::of(&at(name))?)),
        Expr::Constant(Constant::Pi) => Ok(Complex::real(pi()?)),
        Expr::Constant(Constant::E) => Complex::real(Float::integer(1)).exp(),
        Expr::Constant(Constant::I) => Ok(Complex::i()),
        Expr::Constant(Constant::Infinity) | Expr::Either(..) => Err(Stop::Unknown),
        Expr::Sum(terms) => terms.iter().try_fold(Complex::real(Float::integer(0)), |sum, term| sum.plus(&of(term)?)),
        Expr::Product(factors) => {
            factors.iter().try_fold(Complex::real(Float::integer(1)), |product, factor| product.times(&of(factor)?))
        }
        Expr::Quotient(top, bottom) => of(top)?.times(&of(bottom)?.inverse()?),
        Expr::Negative(part) => Ok(of(part)?.negated()),
        Expr::Power(base, exponent) => raised(&of(base)?, exponent, &of(exponent)?, fuel),
        Expr::Call(Function::Root, arguments) => match &arguments[..] {
            [degree, radicand] => rooted(&of(radicand)?, &of(degree)?, fuel),
            _ => Err(Stop::Unknown),
        },
        Expr::Call(function, arguments) => {
            fuel.spend(2000)?;
            let values = arguments.iter().map(of).collect::<Result<Vec<_>, _>>()?;
            match &values[..] {
                [value] => called(*function, value),
                [base, value] if *function == Function::Log => value.ln()?.times(&base.ln()?.inverse()?),
                _ => Err(Stop::Unknown),
            }
        }
    }
}

/// A power. Of a negative number and a fraction with an odd denominator, the real one, as in
/// school.
fn raised(base: &Complex, written: &Expr, exponent: &Complex, fuel: &Fuel) -> Result<Complex, Stop> {
    if let Some(integer) = exponent.as_real().and_then(Float::small) {
        fuel.spend(500)?;
        if base.is_zero() && integer < 0 {
            return Err(Stop::Undefined);
        }
        return base.integer_power(integer);
    }
    fuel.spend(4000)?;
    if base.is_zero() {
        let positive = exponent.as_real().is_some_and(|real| !real.is_negative());
        return if positive { Ok(base.clone()) } else { Err(Stop::Undefined) };
    }
    if let (Some(real), Some(fraction)) = (base.as_real().filter(|real| real.is_negative()), fraction(written))
        && fraction.denom().bit(0)
    {
        let size = Complex::real(real.magnitude()).ln()?.times(exponent)?.exp()?;
        return Ok(if fraction.numer().bit(0) { size.negated() } else { size });
    }
    base.ln()?.times(exponent)?.exp()
}

/// An exponent that is written as a fraction of numerals.
fn fraction(expr: &Expr) -> Option<BigRational> {
    match expr {
        Expr::Number(value) => Some(value.clone()),
        Expr::Negative(part) => fraction(part).map(|value| -value),
        Expr::Quotient(top, bottom) => {
            let (top, bottom) = (fraction(top)?, fraction(bottom)?);
            (!num_traits::Zero::is_zero(&bottom)).then(|| top / bottom)
        }
        _ => None,
    }
}

/// A root; odd roots of negative numbers are negative.
fn rooted(radicand: &Complex, degree: &Complex, fuel: &Fuel) -> Result<Complex, Stop> {
    let degree = degree.as_real().and_then(Float::small).filter(|degree| (1..=1000).contains(degree));
    let degree = degree.ok_or(Stop::Unknown)?;
    fuel.spend(4000)?;
    if degree == 2 {
        return radicand.root();
    }
    if radicand.is_zero() {
        return Ok(radicand.clone());
    }
    let part = Complex::real(Float::integer(1).divided(&Float::integer(degree))?);
    match radicand.as_real() {
        Some(real) if real.is_negative() && degree % 2 == 1 => {
            Ok(Complex::real(real.magnitude()).ln()?.times(&part)?.exp()?.negated())
        }
        _ => radicand.ln()?.times(&part)?.exp(),
    }
}

/// A function of one number.
fn called(function: Function, value: &Complex) -> Result<Complex, Stop> {
    match function {
        Function::Ln => return value.ln(),
        Function::Exp => return value.exp(),
        Function::Abs => return Ok(Complex::real(value.magnitude()?)),
        _ => {}
    }
    let x = value.as_real().ok_or(Stop::Unknown)?;
    let one = Float::integer(1);
    let real = match function {
        Function::Sin => sin_cos(x)?.0,
        Function::Cos => sin_cos(x)?.1,
        Function::Tan => sin_cos(x).and_then(|(sine, cosine)| sine.divided(&cosine))?,
        Function::Cot => sin_cos(x).and_then(|(sine, cosine)| cosine.divided(&sine))?,
        Function::Sec => one.divided(&sin_cos(x)?.1)?,
        Function::Csc => one.divided(&sin_cos(x)?.0)?,
        Function::Arctan => atan(x)?,
        Function::Arcsin => arcsin(x)?,
        Function::Arccos => pi()?.divided(&Float::integer(2))?.minus(&arcsin(x)?)?,
        Function::Sinh | Function::Cosh | Function::Tanh => return hyperbolic(function, value),
        Function::Floor | Function::Ceil => {
            let integer = x.as_integer().map_or_else(
                || x.floor().map(|floor| if function == Function::Ceil { floor + 1 } else { floor }),
                Ok,
            )?;
            Float::of(&BigRational::from_integer(integer))?
        }
        Function::Factorial => {
            let n = x.small().filter(|n| (0..=1500).contains(n)).ok_or(Stop::Large)?;
            (1..=n).try_fold(one, |product, factor| product.times(&Float::integer(factor)))?
        }
        _ => return Err(Stop::Unknown),
    };
    Ok(Complex::real(real))
}

fn arcsin(x: &Float) -> Result<Float, Stop> {
    let one = Float::integer(1);
    let rest = one.minus(&x.times(x)?)?;
    if rest.is_negative() {
        return Err(Stop::Undefined);
    }
    if rest.is_zero() {
        let quarter = pi()?.divided(&Float::integer(2))?;
        return Ok(if x.is_negative() { quarter.negated() } else { quarter });
    }
    atan(&x.divided(&rest.root()?)?)
}

fn hyperbolic(function: Function, value: &Complex) -> Result<Complex, Stop> {
    let (up, down) = (value.exp()?, value.negated().exp()?);
    let half = Complex::real(Float::integer(1).divided(&Float::integer(2))?);
    let (sine, cosine) = (up.plus(&down.negated())?.times(&half)?, up.plus(&down)?.times(&half)?);
    match function {
        Function::Sinh => Ok(sine),
        Function::Cosh => Ok(cosine),
        _ => sine.times(&cosine.inverse()?),
    }
}

/// Deterministic points at which functions are compared: rationals that solve no small equation by
/// chance.
pub(crate) fn point(round: u64, name: &str) -> BigRational {
    let mix = name.bytes().fold(round.wrapping_mul(0x9e37_79b9_7f4a_7c15), |mix, byte| {
        (mix ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
    });
    // names that differ in one letter must not share their points: every bit of the name moves every bit here (splitmix64)
    let mix = (mix ^ (mix >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mix = (mix ^ (mix >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mix = mix ^ (mix >> 31);
    let top = 101 + (mix >> 40) % 1900;
    let value = BigRational::new(top.to_i64().unwrap_or(101).into(), 307.into());
    if round >= 4 && mix & 1 == 1 { -value.abs() } else { value }
}
