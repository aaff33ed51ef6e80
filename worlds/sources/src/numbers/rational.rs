use std::cmp::Ordering;
use std::fmt;

/// An exact number: a reduced fraction of 64-bit integers with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rational {
    numerator: i64,
    denominator: i64,
}

impl Rational {
    /// A whole number.
    pub(crate) const fn whole(value: i64) -> Self {
        Rational { numerator: value, denominator: 1 }
    }

    /// `numerator / denominator`; `None` if the denominator is zero or the reduced fraction does
    /// not fit.
    pub(crate) fn fraction(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 1 {
            return Some(Rational::whole(i64::try_from(numerator).ok()?)); // nearly always: no divisor to look for
        }
        let divisor = greatest_common_divisor(numerator, denominator) * denominator.signum();
        if divisor == 0 {
            return None;
        }
        let numerator = i64::try_from(numerator / divisor).ok()?;
        Some(Rational { numerator, denominator: i64::try_from(denominator / divisor).ok()? })
    }

    /// Whether it is a whole number.
    pub(crate) fn is_whole(self) -> bool {
        self.denominator == 1
    }

    /// Its value, if it is a whole number.
    pub(crate) fn as_whole(self) -> Option<i64> {
        self.is_whole().then_some(self.numerator)
    }

    /// Whether it is below zero.
    pub(crate) fn is_negative(self) -> bool {
        self.numerator < 0
    }

    /// Whether numerator and denominator are words of a language whose largest number is `largest`.
    pub(crate) fn is_sayable(self, largest: i64) -> bool {
        (0..=largest).contains(&self.numerator) && self.denominator <= largest
    }

    /// The sum, if it fits.
    pub(crate) fn plus(self, other: Rational) -> Option<Self> {
        let (a, b, c, d) = self.parts(other);
        Rational::fraction(a * d + c * b, b * d)
    }

    /// The difference, if it fits.
    pub(crate) fn minus(self, other: Rational) -> Option<Self> {
        let (a, b, c, d) = self.parts(other);
        Rational::fraction(a * d - c * b, b * d)
    }

    /// The product, if it fits.
    pub(crate) fn times(self, other: Rational) -> Option<Self> {
        let (a, b, c, d) = self.parts(other);
        Rational::fraction(a * c, b * d)
    }

    /// The quotient, if there is one and it fits.
    pub(crate) fn over(self, other: Rational) -> Option<Self> {
        let (a, b, c, d) = self.parts(other);
        Rational::fraction(a * d, b * c)
    }

    /// Both fractions' parts, widened. Products of two 64-bit numbers fit in 128 bits, and so does
    /// a sum of two such products, because denominators are positive: no step of the four
    /// operations can overflow.
    fn parts(self, other: Rational) -> (i128, i128, i128, i128) {
        (self.numerator.into(), self.denominator.into(), other.numerator.into(), other.denominator.into())
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b, c, d) = self.parts(*other);
        (a * d).cmp(&(c * b))
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In the words of the number games: `8`, or `8 over 3`.
impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            return write!(f, "{}", self.numerator);
        }
        write!(f, "{} over {}", self.numerator, self.denominator)
    }
}

/// Euclid's algorithm; never negative. In 64 bits as soon as both numbers fit, which is far
/// quicker.
fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        if let (Ok(small_a), Ok(small_b)) = (u64::try_from(a), u64::try_from(b)) {
            return small_divisor(small_a, small_b).into();
        }
        (a, b) = (b, a % b);
    }
    a as i128 // at most 2^127, and that only of operands that no product of two 64-bit numbers is
}

fn small_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(numerator: i128, denominator: i128) -> Rational {
        Rational::fraction(numerator, denominator).expect("a fraction")
    }

    #[test]
    fn fractions_are_reduced_and_their_denominator_is_positive() {
        assert_eq!(ratio(16, -6), ratio(-8, 3));
        assert_eq!(ratio(24, 8), Rational::whole(3));
        assert_eq!(Rational::fraction(1, 0), None);
        assert_eq!(ratio(8, 3).to_string(), "8 over 3");
    }

    #[test]
    fn arithmetic_is_exact() {
        // 8 / (3 - 8 / 3) = 24
        let (three, eight) = (Rational::whole(3), Rational::whole(8));
        let below = eight.over(three).and_then(|third| three.minus(third)).expect("a third");
        assert_eq!(eight.over(below), Some(Rational::whole(24)));
        assert_eq!(ratio(1, 3).plus(ratio(1, 6)), Some(ratio(1, 2)));
        assert_eq!(ratio(2, 3).times(ratio(3, 2)), Some(Rational::whole(1)));
        assert_eq!(three.over(Rational::whole(0)), None);
    }

    #[test]
    fn what_does_not_fit_has_no_value() {
        let large = Rational::whole(i64::MAX);
        assert_eq!(large.plus(large), None);
        assert_eq!(large.times(large), None);
        assert!(large > Rational::fraction(1, i128::from(i64::MAX)).expect("a fraction"));
    }
}
