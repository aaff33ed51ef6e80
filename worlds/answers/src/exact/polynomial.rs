//! Polynomials in several variables with rational coefficients.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::{BITS, bits};
use crate::fuel::{Fuel, Stop};

/// Variables by number with their powers, in order.
pub(crate) type Monomial = Vec<(usize, u32)>;

/// A sum of monomials; none has the coefficient zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Polynomial {
    pub(crate) terms: BTreeMap<Monomial, BigRational>,
}

/// The most terms.
const TERMS: usize = 1500;

/// The highest power of one variable.
const DEGREE: u32 = 4096;

impl Polynomial {
    /// A constant.
    pub(crate) fn constant(value: BigRational) -> Self {
        let terms = if value.is_zero() { BTreeMap::new() } else { BTreeMap::from([(Vec::new(), value)]) };
        Polynomial { terms }
    }

    /// A variable.
    pub(crate) fn variable(number: usize) -> Self {
        Polynomial { terms: BTreeMap::from([(vec![(number, 1)], BigRational::one())]) }
    }

    /// Its value, if no variable is in it.
    pub(crate) fn value(&self) -> Option<BigRational> {
        match self.terms.len() {
            0 => Some(BigRational::zero()),
            1 => self.terms.get(&Vec::new()).cloned(),
            _ => None,
        }
    }

    /// Whether it is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The sum of two.
    pub(crate) fn plus(&self, other: &Self, fuel: &Fuel) -> Result<Self, Stop> {
        let mut sum = self.clone();
        for (monomial, coefficient) in &other.terms {
            sum.add(monomial.clone(), coefficient.clone(), fuel)?;
        }
        Ok(sum)
    }

    /// The product of two.
    pub(crate) fn times(&self, other: &Self, fuel: &Fuel) -> Result<Self, Stop> {
        let mut product = Polynomial { terms: BTreeMap::new() };
        for (left, a) in &self.terms {
            for (right, b) in &other.terms {
                fuel.multiply(bits(a), bits(b))?;
                product.add(multiplied(left, right)?, a * b, fuel)?;
            }
        }
        Ok(product)
    }

    /// A power.
    pub(crate) fn power(&self, exponent: u32, fuel: &Fuel) -> Result<Self, Stop> {
        if let [(monomial, coefficient)] = self.terms.iter().collect::<Vec<_>>()[..] {
            let coefficient = super::power(coefficient, &exponent.into(), fuel)?;
            let raise = |(variable, power): &(usize, u32)| {
                let power = power.checked_mul(exponent).filter(|power| *power <= DEGREE);
                power.map(|power| (*variable, power)).ok_or(Stop::Large)
            };
            let monomial = monomial.iter().map(raise).filter(|part| !matches!(part, Ok((_, 0))));
            let monomial = monomial.collect::<Result<Monomial, _>>()?;
            return Ok(Polynomial { terms: BTreeMap::from([(monomial, coefficient)]) });
        }
        if exponent > 64 {
            return Err(Stop::Large);
        }
        let mut result = Polynomial::constant(BigRational::one());
        for _ in 0..exponent {
            result = result.times(self, fuel)?;
        }
        Ok(result)
    }

    /// It times a number.
    pub(crate) fn scaled(&self, factor: &BigRational, fuel: &Fuel) -> Result<Self, Stop> {
        self.times(&Polynomial::constant(factor.clone()), fuel)
    }

    /// The number that this is a multiple of the other by, if there is one.
    pub(crate) fn ratio(&self, other: &Self) -> Option<BigRational> {
        let (mine, others) = (self.terms.iter().next()?, other.terms.iter().next()?);
        let ratio = mine.1 / others.1;
        let same = self.terms.len() == other.terms.len()
            && self.terms.iter().zip(&other.terms).all(|(a, b)| a.0 == b.0 && *a.1 == b.1 * &ratio);
        same.then_some(ratio)
    }

    fn add(&mut self, monomial: Monomial, coefficient: BigRational, fuel: &Fuel) -> Result<(), Stop> {
        fuel.spend(4 + bits(&coefficient) / 64)?;
        let sum = match self.terms.remove(&monomial) {
            Some(own) => own + coefficient,
            None => coefficient,
        };
        if bits(&sum) > 2 * BITS || self.terms.len() >= TERMS {
            return Err(Stop::Large);
        }
        if !sum.is_zero() {
            self.terms.insert(monomial, sum);
        }
        Ok(())
    }
}

fn multiplied(left: &Monomial, right: &Monomial) -> Result<Monomial, Stop> {
    let mut powers: BTreeMap<usize, u32> = left.iter().copied().collect();
    for (variable, power) in right {
        let own = powers.entry(*variable).or_default();
        *own = own.checked_add(*power).filter(|power| *power <= DEGREE).ok_or(Stop::Large)?;
    }
    Ok(powers.into_iter().collect())
}
