//! Expressions with units: a currency before the value, words and signs after it, parts in smaller
//! units.

use num_traits::{One, ToPrimitive};

use super::token::Token;
use super::{Parser, Unread};
use crate::tree::{Expr, Form};
use crate::unit::{self, Unit};

impl Parser<'_> {
    /// A value with its unit; `5 ft 6 in` and `1 hour and 30 minutes` are one value.
    pub(super) fn measured(&mut self) -> Result<Form, Unread> {
        let (mut value, mut unit) = self.quantity(false)?;
        while let Some(whole) = unit.as_ref().filter(|unit| !unit.dimensions.is_empty()) {
            let start = self.at;
            self.eat(&Token::And);
            let next = match self.peek() {
                Some(Token::Number(_)) => self.quantity(whole.is("degree")).ok(),
                _ => None,
            };
            let Some((part, Some(smaller))) =
                next.filter(|(_, next)| next.as_ref().is_some_and(|next| is_part(next, whole)))
            else {
                self.at = start;
                break;
            };
            let ratio = &smaller.factor / &whole.factor;
            let part = Expr::Product(vec![part, Expr::Number(ratio)]);
            let part = if matches!(value, Expr::Negative(_)) { part.negative() } else { part };
            value = Expr::Sum(vec![value, part]);
        }
        if unit.as_ref().is_some_and(|unit| unit.is_none() && unit.scale.is_one()) {
            unit = None;
        }
        Ok(Form::Value(value, unit))
    }

    /// One value and the unit beside it. After degrees, primes are minutes and seconds of arc.
    fn quantity(&mut self, in_degrees: bool) -> Result<(Expr, Option<Unit>), Unread> {
        let negative = self.peek() == Some(&Token::Minus) && matches!(self.ahead(1), Some(Token::Sign(_)));
        self.at += usize::from(negative);
        let mut unit = self.currency();
        let mut value = self.sum()?;
        if unit.is_some()
            && let Some((part, scale)) = abbreviated(&value)
        {
            (value, unit) = (part, unit.map(|unit| unit.times(Unit { scale, ..Unit::none() })));
        }
        if negative {
            value = value.negative();
        }
        if let Some(primed) = self.primed(in_degrees) {
            return Ok((value, Some(primed)));
        }
        let mut divides = false;
        while let Some(part) = self.unit(&mut divides)? {
            let before = unit.take();
            // "$5 dollars" and "5 % percent" say it twice
            unit = Some(match before {
                Some(before) if before == part => before,
                Some(before) => before.times(part),
                None => part,
            });
        }
        Ok((value, unit))
    }

    /// A currency before the value: `$`, `USD`.
    fn currency(&mut self) -> Option<Unit> {
        let found = match (self.peek()?, self.ahead(1)) {
            (Token::Sign(sign), _) => Unit::of(sign),
            (Token::Word(word), Some(Token::Number(_) | Token::Minus)) => {
                unit::known(word).filter(Unit::is_currency)?
            }
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    /// `5'` and `6"`: feet and inches, or minutes and seconds of arc.
    fn primed(&mut self, in_degrees: bool) -> Option<Unit> {
        let mut primes = 0;
        while primes < 2 && self.eat(&Token::Prime) {
            primes += 1;
        }
        let names = if in_degrees { ["arcminute", "arcsecond"] } else { ["foot", "inch"] };
        (primes > 0).then(|| Unit::of(names[primes - 1]))
    }

    /// The next part of a unit, with what joins it to those before.
    fn unit(&mut self, divides: &mut bool) -> Result<Option<Unit>, Unread> {
        let start = self.at;
        let parts = |token: Option<&Token>| match token {
            Some(Token::Word(word)) => is_unit(word),
            Some(Token::Name(name)) => unit::known(name).is_some(),
            _ => false,
        };
        match self.peek() {
            Some(Token::Slash) if parts(self.ahead(1)) => {
                self.at += 1;
                *divides = true;
            }
            Some(Token::Slash) if self.ahead(1) == Some(&Token::Open('(')) && parts(self.ahead(2)) => {
                self.at += 2;
                return Ok(Some(self.grouped(')')?.power(-1)));
            }
            Some(Token::Times | Token::Minus)
                if parts(self.ahead(1)) && self.at > 0 && parts(self.tokens.get(self.at - 1)) =>
            {
                self.at += 1;
            }
            Some(Token::Fraction) if self.ahead(1) == Some(&Token::Open('{')) && parts(self.ahead(2)) => {
                self.at += 2;
                let top = self.grouped('}')?;
                self.expect(&Token::Open('{'))?;
                return Ok(Some(top.times(self.grouped('}')?.power(-1))));
            }
            Some(Token::Name(_)) => return Ok(None),
            _ => {}
        }
        let Some((part, power)) = self.part(divides)? else {
            self.at = start;
            return Ok(None);
        };
        let power = power * self.raised()?;
        Ok(Some(part.power(if *divides { -power } else { power })))
    }

    /// Parts of a unit up to a closing bracket.
    fn grouped(&mut self, close: char) -> Result<Unit, Unread> {
        let (mut all, mut divides) = (Unit::none(), false);
        if let Some(Token::Name(name)) = self.peek() {
            all = Unit::of(name);
            self.at += 1;
            all = all.power(self.raised()?);
        }
        while let Some(part) = self.unit(&mut divides)? {
            all = all.times(part);
        }
        self.expect(&Token::Close(close))?;
        Ok(all)
    }

    /// A sign or a word that is a unit, and its power if words say it.
    fn part(&mut self, divides: &mut bool) -> Result<Option<(Unit, i32)>, Unread> {
        let Some(token) = self.peek() else { return Ok(None) };
        let next = self.ahead(1);
        let (unit, power, taken) = match (token, next) {
            (Token::Sign("degree"), Some(Token::Name(scale) | Token::Word(scale)))
                if matches!(scale.as_str(), "C" | "F") =>
            {
                (Unit::of(if scale == "C" { "celsius" } else { "fahrenheit" }), 1, 2)
            }
            (Token::Word(degrees), Some(Token::Name(scale) | Token::Word(scale)))
                if matches!(degrees.as_str(), "degrees" | "degree" | "deg") && matches!(scale.as_str(), "C" | "F") =>
            {
                (Unit::of(if scale == "C" { "celsius" } else { "fahrenheit" }), 1, 2)
            }
            (Token::Sign(sign), _) => (Unit::of(sign), 1, 1),
            (Token::Name(name), _) if unit::known(name).is_some() => (Unit::of(name), 1, 1),
            (Token::Word(word), _) if !is_unit(word) => return Ok(None),
            (Token::Word(word), next) => match (word.to_lowercase().as_str(), next) {
                ("per" | "a" | "an", Some(Token::Word(_) | Token::Name(_))) => {
                    *divides |= word == "per";
                    self.at += 1;
                    return self.part(divides);
                }
                ("of" | "the", _) => (Unit::none(), 1, 1),
                ("square" | "sq", Some(Token::Word(next))) => (Unit::of(next), 2, 2),
                ("cubic" | "cu", Some(Token::Word(next))) => (Unit::of(next), 3, 2),
                ("degrees" | "degree", Some(Token::Word(scale))) if Unit::of(scale).words.is_empty() => {
                    (Unit::of(scale), 1, 2)
                }
                _ => (Unit::of(word), 1, 1),
            },
            _ => return Ok(None),
        };
        self.at += taken;
        Ok(Some((unit, power)))
    }

    /// The exponent after a unit.
    fn raised(&mut self) -> Result<i32, Unread> {
        // "per second squared"
        if let Some(Token::Word(word)) = self.peek()
            && let Some(power) =
                [("squared", 2), ("cubed", 3)].iter().find(|(name, _)| name == word).map(|(_, power)| *power)
        {
            self.at += 1;
            return Ok(power);
        }
        if !self.eat(&Token::Caret) {
            return Ok(1);
        }
        let exponent = match self.exponent()? {
            Expr::Number(exponent) => exponent,
            Expr::Negative(exponent) => match *exponent {
                Expr::Number(exponent) => -exponent,
                _ => return Err(Unread::Malformed),
            },
            _ => return Err(Unread::Malformed),
        };
        let exponent = exponent.to_integer().to_i32().filter(|_| exponent.is_integer());
        exponent.filter(|power| power.abs() <= 9).ok_or(Unread::Malformed)
    }
}

/// Whether a word may be a unit or what is counted, or leads to one.
fn is_unit(word: &str) -> bool {
    unit::known(word).is_some() || crate::lexicon::is_noun(word) || matches!(word, "per" | "of" | "the" | "a" | "an")
}

/// Whether a unit is of the same dimension, and smaller.
fn is_part(unit: &Unit, whole: &Unit) -> bool {
    unit.dimensions == whole.dimensions && unit.words == whole.words && unit.factor < whole.factor
}

/// `5M`, `2.5B`, `10k` after a currency.
fn abbreviated(value: &Expr) -> Option<(Expr, num_rational::BigRational)> {
    let Expr::Product(factors) = value else { return None };
    let [number @ Expr::Number(_), Expr::Variable(name)] = &factors[..] else { return None };
    let scale = match name.as_str() {
        "k" | "K" => 1_000,
        "M" | "m" => 1_000_000,
        "B" | "b" => 1_000_000_000,
        "T" => 1_000_000_000_000_i64,
        _ => return None,
    };
    Some((number.clone(), num_rational::BigRational::from_integer(scale.into())))
}
