//! Complex numbers.

use super::functions::{angle, exp, ln, sin_cos};
use super::{Float, PRECISION};
use crate::fuel::Stop;

/// Real and imaginary part.
#[derive(Clone, Debug)]
pub(crate) struct Complex {
    pub(crate) real: Float,
    pub(crate) imaginary: Float,
}

impl Complex {
    pub(crate) fn real(real: Float) -> Complex {
        Complex { real, imaginary: Float::integer(0) }
    }

    pub(crate) fn i() -> Complex {
        Complex { real: Float::integer(0), imaginary: Float::integer(1) }
    }

    /// Its real part, if the other is nothing.
    pub(crate) fn as_real(&self) -> Option<&Float> {
        self.imaginary.is_zero().then_some(&self.real)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.real.is_zero() && self.imaginary.is_zero()
    }

    pub(crate) fn plus(&self, other: &Complex) -> Result<Complex, Stop> {
        let (real, imaginary) = (self.real.plus(&other.real)?, self.imaginary.plus(&other.imaginary)?);
        Ok(Complex { real, imaginary })
    }

    pub(crate) fn negated(&self) -> Complex {
        Complex { real: self.real.negated(), imaginary: self.imaginary.negated() }
    }

    pub(crate) fn times(&self, other: &Complex) -> Result<Complex, Stop> {
        let real = self.real.times(&other.real)?.minus(&self.imaginary.times(&other.imaginary)?)?;
        let imaginary = self.real.times(&other.imaginary)?.plus(&self.imaginary.times(&other.real)?)?;
        Ok(Complex { real, imaginary })
    }

    pub(crate) fn inverse(&self) -> Result<Complex, Stop> {
        if self.as_real().is_some() {
            return Ok(Complex::real(Float::integer(1).divided(&self.real)?));
        }
        let square = self.real.times(&self.real)?.plus(&self.imaginary.times(&self.imaginary)?)?;
        Ok(Complex { real: self.real.divided(&square)?, imaginary: self.imaginary.negated().divided(&square)? })
    }

    pub(crate) fn magnitude(&self) -> Result<Float, Stop> {
        if self.as_real().is_some() {
            return Ok(self.real.magnitude());
        }
        self.real.times(&self.real)?.plus(&self.imaginary.times(&self.imaginary)?)?.root()
    }

    /// The principal logarithm.
    pub(crate) fn ln(&self) -> Result<Complex, Stop> {
        let real = ln(&self.magnitude()?)?;
        if self.as_real().is_some_and(|real| !real.is_negative()) {
            return Ok(Complex::real(real));
        }
        Ok(Complex { real, imaginary: angle(&self.real, &self.imaginary)? })
    }

    pub(crate) fn exp(&self) -> Result<Complex, Stop> {
        let size = exp(&self.real)?;
        if self.as_real().is_some() {
            return Ok(Complex::real(size));
        }
        let (sine, cosine) = sin_cos(&self.imaginary)?;
        Ok(Complex { real: size.times(&cosine)?, imaginary: size.times(&sine)? })
    }

    /// The principal square root.
    pub(crate) fn root(&self) -> Result<Complex, Stop> {
        match self.as_real() {
            Some(real) if real.is_negative() => {
                Ok(Complex { real: Float::integer(0), imaginary: real.negated().root()? })
            }
            Some(real) => Ok(Complex::real(real.root()?)),
            None => {
                let half = self.ln()?.times(&Complex::real(Float::integer(1).divided(&Float::integer(2))?))?;
                half.exp()
            }
        }
    }

    /// An integer power, by squaring; exponents of a few dozen bits.
    pub(crate) fn integer_power(&self, exponent: i64) -> Result<Complex, Stop> {
        let (mut result, mut base) = (Complex::real(Float::integer(1)), self.clone());
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            if left & 1 == 1 {
                result = result.times(&base)?;
            }
            left >>= 1;
            if left > 0 {
                base = base.times(&base)?;
            }
        }
        if exponent < 0 { result.inverse() } else { Ok(result) }
    }

    /// Whether two are the same to what is computed; a part far below the whole is what rounding
    /// left.
    pub(crate) fn agrees(&self, other: &Complex) -> bool {
        if self.as_real().is_some() && other.as_real().is_some() {
            return self.real.agrees(&other.real);
        }
        let top = |number: &Complex| number.real.top().max(number.imaginary.top());
        let scale = top(self).max(top(other));
        let near = |a: &Float, b: &Float| {
            a.minus(b).is_ok_and(|difference| difference.top() < scale - PRECISION as i64 * 5 / 8)
        };
        near(&self.real, &other.real) && near(&self.imaginary, &other.imaginary)
    }
}
