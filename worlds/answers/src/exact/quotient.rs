//! Expressions as quotients of polynomials; what is no such quotient counts as one more variable.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::Polynomial;
use crate::fuel::{Fuel, Stop};
use crate::tree::{Expr, Function};

/// What stands for the variables of polynomials, by number.
#[derive(Default)]
pub(crate) struct Atoms {
    found: Vec<Expr>,
}

/// One polynomial divided by another.
pub(crate) struct Quotient {
    pub(crate) top: Polynomial,
    pub(crate) bottom: Polynomial,
}

impl Atoms {
    fn of(&mut self, expr: &Expr, fuel: &Fuel) -> Result<Quotient, Stop> {
        fuel.spend(8 * (self.found.len() as u64 + 1))?;
        let number = self.found.iter().position(|found| found == expr).unwrap_or_else(|| {
            self.found.push(expr.clone());
            self.found.len() - 1
        });
        Ok(Quotient::of(Polynomial::variable(number)))
    }

    /// Whether a polynomial has nothing but true variables in it: then it is zero only if it has no
    /// terms.
    pub(crate) fn are_free(&self, polynomial: &Polynomial) -> bool {
        let mut variables = polynomial.terms.keys().flatten();
        variables.all(|(number, _)| matches!(self.found.get(*number), Some(Expr::Variable(_))))
    }
}

impl Quotient {
    fn of(top: Polynomial) -> Quotient {
        Quotient { top, bottom: Polynomial::constant(BigRational::one()) }
    }

    /// Its value, if no variable is in it.
    pub(crate) fn value(&self) -> Option<BigRational> {
        let (top, bottom) = (self.top.value()?, self.bottom.value()?);
        (!num_traits::Zero::is_zero(&bottom)).then(|| top / bottom)
    }

    fn plus(&self, other: &Quotient, fuel: &Fuel) -> Result<Quotient, Stop> {
        if self.bottom == other.bottom {
            return Ok(Quotient { top: self.top.plus(&other.top, fuel)?, bottom: self.bottom.clone() });
        }
        let crossed = self.top.times(&other.bottom, fuel)?.plus(&other.top.times(&self.bottom, fuel)?, fuel)?;
        Ok(Quotient { top: crossed, bottom: self.bottom.times(&other.bottom, fuel)? })
    }

    fn times(&self, other: &Quotient, fuel: &Fuel) -> Result<Quotient, Stop> {
        Ok(Quotient { top: self.top.times(&other.top, fuel)?, bottom: self.bottom.times(&other.bottom, fuel)? })
    }

    fn inverse(self) -> Result<Quotient, Stop> {
        if self.top.is_zero() {
            return Err(Stop::Undefined);
        }
        Ok(Quotient { top: self.bottom, bottom: self.top })
    }

    /// The numerator of the difference of two.
    pub(crate) fn difference(&self, other: &Quotient, fuel: &Fuel) -> Result<Polynomial, Stop> {
        let minus = Quotient { top: other.top.scaled(&-BigRational::one(), fuel)?, bottom: other.bottom.clone() };
        Ok(self.plus(&minus, fuel)?.top)
    }
}

/// An expression as a quotient of polynomials.
pub(crate) fn quotient(expr: &Expr, atoms: &mut Atoms, fuel: &Fuel) -> Result<Quotient, Stop> {
    fuel.spend(4)?;
    match expr {
        Expr::Number(value) => Ok(Quotient::of(Polynomial::constant(value.clone()))),
        Expr::Variable(_) | Expr::Constant(_) => atoms.of(expr, fuel),
        Expr::Sum(terms) => fold(terms, atoms, fuel, Quotient::plus),
        Expr::Product(factors) => fold(factors, atoms, fuel, Quotient::times),
        Expr::Quotient(top, bottom) => {
            let bottom = quotient(bottom, atoms, fuel)?.inverse()?;
            quotient(top, atoms, fuel)?.times(&bottom, fuel)
        }
        Expr::Negative(part) => {
            let part = quotient(part, atoms, fuel)?;
            Ok(Quotient { top: part.top.scaled(&-BigRational::one(), fuel)?, bottom: part.bottom })
        }
        Expr::Either(..) => Err(Stop::Unknown),
        Expr::Power(base, exponent) => raised(expr, base, exponent, atoms, fuel),
        Expr::Call(Function::Factorial, arguments) if !arguments[0].variables().is_empty() => {
            factorial(expr, &arguments[0], atoms, fuel)
        }
        Expr::Call(
            Function::Factorial
            | Function::DoubleFactorial
            | Function::Binomial
            | Function::Abs
            | Function::Floor
            | Function::Ceil
            | Function::Sign
            | Function::Gcd
            | Function::Lcm
            | Function::Max
            | Function::Min
            | Function::Remainder,
            _,
        ) => called(expr, atoms, fuel),
        Expr::Call(..) => atoms.of(expr, fuel),
    }
}

fn fold(
    parts: &[Expr],
    atoms: &mut Atoms,
    fuel: &Fuel,
    join: fn(&Quotient, &Quotient, &Fuel) -> Result<Quotient, Stop>,
) -> Result<Quotient, Stop> {
    let mut parts = parts.iter();
    let first = parts.next().ok_or(Stop::Unknown)?;
    let mut result = quotient(first, atoms, fuel)?;
    for part in parts {
        result = join(&result, &quotient(part, atoms, fuel)?, fuel)?;
    }
    Ok(result)
}

/// An integer power of a quotient; any other is a variable of its own.
fn raised(whole: &Expr, base: &Expr, exponent: &Expr, atoms: &mut Atoms, fuel: &Fuel) -> Result<Quotient, Stop> {
    let exponent = match quotient(exponent, atoms, fuel).map(|exponent| exponent.value()) {
        Ok(Some(exponent)) if exponent.is_integer() => exponent.to_integer(),
        Err(Stop::Fuel) => return Err(Stop::Fuel),
        _ => return atoms.of(whole, fuel),
    };
    let base = quotient(base, atoms, fuel)?;
    if let Some(value) = base.value() {
        return Ok(Quotient::of(Polynomial::constant(super::power(&value, &exponent, fuel)?)));
    }
    let size: u32 = exponent.magnitude().try_into().map_err(|_| Stop::Large)?;
    let power = Quotient { top: base.top.power(size, fuel)?, bottom: base.bottom.power(size, fuel)? };
    if exponent.is_negative() { power.inverse() } else { Ok(power) }
}

/// `(n + 3)!` as `n! (n + 1)(n + 2)(n + 3)`, so that factorials of near numbers are related.
fn factorial(whole: &Expr, argument: &Expr, atoms: &mut Atoms, fuel: &Fuel) -> Result<Quotient, Stop> {
    let inside = quotient(argument, atoms, fuel)?;
    let constant = inside.top.terms.get(&Vec::new()).cloned().unwrap_or_else(BigRational::zero);
    let steps = constant.to_integer().to_i64().filter(|steps| constant.is_integer() && (1..=20).contains(&steps.abs()));
    let (Some(steps), Some(bottom)) = (steps, inside.bottom.value()) else { return atoms.of(whole, fuel) };
    let [name] = &argument.variables()[..] else { return atoms.of(whole, fuel) };
    // only what is a variable and a number has one way to be written
    let base = Expr::Variable(name.clone());
    let plain = quotient(&Expr::Sum(vec![base.clone(), Expr::integer(steps)]), atoms, fuel)?;
    if !bottom.is_one() || !plain.difference(&inside, fuel)?.is_zero() {
        return atoms.of(whole, fuel);
    }
    let mut product = atoms.of(&Expr::Call(Function::Factorial, vec![base.clone()]), fuel)?;
    for step in if steps > 0 { 1..=steps } else { steps + 1..=0 } {
        let factor = quotient(&Expr::Sum(vec![base.clone(), Expr::integer(step)]), atoms, fuel)?;
        product = product.times(&if steps > 0 { factor } else { factor.inverse()? }, fuel)?;
    }
    Ok(product)
}

/// Factorials, binomials, absolute values, roundings and the like of numbers are numbers.
fn called(expr: &Expr, atoms: &mut Atoms, fuel: &Fuel) -> Result<Quotient, Stop> {
    let Expr::Call(function, arguments) = expr else { return Err(Stop::Unknown) };
    let mut values = Vec::new();
    for argument in arguments {
        match quotient(argument, atoms, fuel)?.value() {
            Some(value) => values.push(value),
            None => return atoms.of(expr, fuel),
        }
    }
    let value = match (function, &values[..]) {
        (Function::Abs, [value]) => value.abs(),
        (Function::Floor, [value]) => value.floor(),
        (Function::Ceil, [value]) => value.ceil(),
        (Function::Sign, [value]) => value.signum(),
        (Function::Max, [first, others @ ..]) => {
            others.iter().fold(first.clone(), |most, other| most.max(other.clone()))
        }
        (Function::Min, [first, others @ ..]) => {
            others.iter().fold(first.clone(), |least, other| least.min(other.clone()))
        }
        (Function::Remainder, [value, modulus]) if !modulus.is_zero() => value - modulus * (value / modulus).floor(),
        (Function::Gcd | Function::Lcm, [first, others @ ..]) if values.iter().all(BigRational::is_integer) => {
            let join = |all: BigInt, other: &BigRational| {
                let divisor = super::gcd(all.clone(), other.to_integer());
                match function {
                    Function::Gcd => divisor,
                    _ if divisor.is_zero() => divisor,
                    _ => (all * other.numer() / divisor).abs(),
                }
            };
            others.iter().fold(first.to_integer(), join).into()
        }
        (Function::DoubleFactorial, [n]) if n.is_integer() => super::double_factorial(&n.to_integer(), fuel)?.into(),
        (Function::Factorial, [n]) if n.is_integer() => super::factorial(&n.to_integer(), fuel)?.into(),
        (Function::Binomial, [n, k]) if n.is_integer() && k.is_integer() => {
            super::binomial(&n.to_integer(), &k.to_integer(), fuel)?.into()
        }
        _ => return Err(Stop::Undefined),
    };
    Ok(Quotient::of(Polynomial::constant(value)))
}
