//! Numbers and expressions with units.
//!
//! **Rounding**: only where the reference is a decimal whose last digit, at the second place or
//! beyond, is not zero is an answer right that rounds to it (half away from zero). A reference
//! `0.33` takes `1/3`; `1/3` does not take `0.33`, and neither `2` nor `2.00` takes `2.0000001`.
//!
//! **Units**: an answer may leave out the unit or name one that the reference leaves out; units of
//! one dimension are converted; others differ. A bare number is never read as a percentage of a
//! reference below one.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive};

use super::{Compared, equal, rational, right, wrong};
use crate::fuel::{Fuel, Stop};
use crate::judgement::{Agreement, Difference};
use crate::tree::{Constant, Expr};
use crate::unit::Unit;

pub(super) fn compared(
    gold: &Expr,
    gold_unit: &Option<Unit>,
    answer: &Expr,
    answer_unit: &Option<Unit>,
    fuel: &Fuel,
) -> Compared {
    let (mut gold, mut answer) = (gold.clone(), answer.clone());
    let (gold_unit, answer_unit) = (scaled(&mut gold, gold_unit), scaled(&mut answer, answer_unit));
    match (&gold_unit, &answer_unit) {
        (None, None) => plain(&gold, &answer, fuel),
        (Some(gold_unit), Some(answer_unit)) => both(&gold, gold_unit, &answer, answer_unit, fuel),
        (Some(unit), None) => one(&gold, &answer, unit, true, fuel),
        (None, Some(unit)) => one(&gold, &answer, unit, false, fuel),
    }
}

/// Words such as `million` are part of the number; what is left is the unit, if anything is.
fn scaled(value: &mut Expr, unit: &Option<Unit>) -> Option<Unit> {
    let mut unit = unit.clone()?;
    if !unit.scale.is_one() {
        let scale = std::mem::replace(&mut unit.scale, BigRational::one());
        *value = Expr::Product(vec![value.clone(), Expr::Number(scale)]);
    }
    (!unit.is_none()).then_some(unit)
}

fn plain(gold: &Expr, answer: &Expr, fuel: &Fuel) -> Compared {
    let is_number = gold.variables().is_empty() && answer.variables().is_empty();
    match equal(gold, answer, fuel) {
        Ok(true) => right(if is_number { Agreement::SameValue } else { Agreement::SameExpression }),
        Ok(false) if rounds_to(answer, gold, fuel)? => right(Agreement::Rounded),
        Ok(false) => wrong(if is_number { Difference::Value } else { Difference::Expression }),
        // an answer without a value is not the reference, which has one
        Err(Stop::Undefined) if rational(gold, fuel).is_some() => wrong(Difference::Value),
        Err(stop) => Err(stop),
    }
}

/// Whether the gold number is a decimal of two or more places and the other rounds to it.
fn rounds_to(answer: &Expr, gold: &Expr, fuel: &Fuel) -> Result<bool, Stop> {
    let Some(gold) = decimal(gold) else { return Ok(false) };
    let Some(places) = places(&gold).filter(|places| *places >= 2) else { return Ok(false) };
    if !answer.variables().is_empty() {
        return Ok(false);
    }
    let half = BigRational::new(1.into(), BigInt::from(2) * Pow::pow(BigInt::from(10), places));
    if let Some(answer) = rational(answer, fuel) {
        let (size, bound) = (answer.abs(), gold.abs());
        return Ok(answer.is_negative() == gold.is_negative() && size >= &bound - &half && size < &bound + &half);
    }
    let Ok(value) = super::equal::value(answer, fuel) else { return Ok(false) };
    let Some(value) = value.as_real() else { return Ok(false) };
    let distance = value.minus(&crate::float::Float::of(&gold)?)?.magnitude();
    Ok(distance.compare(&crate::float::Float::of(&half)?).is_lt())
}

/// The value of a numeral that is not an integer.
fn decimal(expr: &Expr) -> Option<BigRational> {
    match expr {
        Expr::Number(value) if !value.is_integer() => Some(value.clone()),
        Expr::Negative(part) => decimal(part).map(|value| -value),
        _ => None,
    }
}

/// How many decimal places a number needs.
fn places(value: &BigRational) -> Option<u32> {
    let mut scaled = value.clone();
    for places in 0..40 {
        if scaled.is_integer() {
            return Some(places);
        }
        scaled *= BigInt::from(10);
    }
    None
}

fn both(gold: &Expr, gold_unit: &Unit, answer: &Expr, answer_unit: &Unit, fuel: &Fuel) -> Compared {
    if gold_unit == answer_unit {
        return plain(gold, answer, fuel);
    }
    if let (Some(gold), Some(answer)) = (kelvins(gold, gold_unit), kelvins(answer, answer_unit)) {
        return if equal(&gold, &answer, fuel)? { right(Agreement::UnitConverted) } else { wrong(Difference::Value) };
    }
    if let (Some(gold), Some(answer)) = (radians(gold, gold_unit), radians(answer, answer_unit)) {
        return if equal(&gold, &answer, fuel)? { right(Agreement::UnitConverted) } else { wrong(Difference::Unit) };
    }
    // "£5" and "5 pounds"
    let pound = crate::unit::Unit::of("pound");
    if gold_unit.is("sterling") && *answer_unit == pound || answer_unit.is("sterling") && *gold_unit == pound {
        return plain(gold, answer, fuel);
    }
    if gold_unit.dimensions != answer_unit.dimensions {
        return wrong(Difference::Unit);
    }
    if gold_unit.dimensions.is_empty() {
        // nouns: "5 apples" and "5 red apples" are the same, "5 apples" and "5 pears" are not
        let shared = |a: &Unit, b: &Unit| a.words.iter().all(|word| b.words.contains(word));
        return match shared(gold_unit, answer_unit) || shared(answer_unit, gold_unit) {
            true => plain(gold, answer, fuel),
            false => wrong(Difference::Unit),
        };
    }
    let base = |value: &Expr, unit: &Unit| Expr::Product(vec![value.clone(), Expr::Number(unit.factor.clone())]);
    if equal(&base(gold, gold_unit), &base(answer, answer_unit), fuel)? {
        return right(Agreement::UnitConverted);
    }
    if gold_unit.factor == answer_unit.factor && rounds_to(answer, gold, fuel)? {
        return right(Agreement::Rounded);
    }
    wrong(if gold_unit.factor == answer_unit.factor { Difference::Value } else { Difference::Unit })
}

/// Only one has a unit.
fn one(gold: &Expr, answer: &Expr, unit: &Unit, gold_has: bool, fuel: &Fuel) -> Compared {
    let share = unit.is("percent");
    let with = if gold_has { gold } else { answer };
    if share {
        let hundredth = Expr::Quotient(Box::new(with.clone()), Box::new(Expr::integer(100)));
        let (gold, answer) = if gold_has { (&hundredth, answer) } else { (gold, &hundredth) };
        if equal(gold, answer, fuel)? {
            return right(Agreement::UnitConverted);
        }
    }
    if unit.is("degree")
        && let Some(radians) = radians(with, unit)
        && equal(if gold_has { answer } else { gold }, &radians, fuel)?
    {
        return right(Agreement::UnitConverted);
    }
    // "5 m/s" may have been read as five times a variable by another
    let without = if gold_has { answer } else { gold };
    if let Some((value, other)) = parted(without) {
        let (gold_unit, answer_unit) = if gold_has { (unit, &other) } else { (&other, unit) };
        let (gold, answer) = if gold_has { (gold, &value) } else { (&value, answer) };
        return both(gold, gold_unit, answer, answer_unit, fuel);
    }
    // a reference below one is a share already: "0.5" is not "0.5 %"
    let is_share = |expr: &Expr| rational(expr, fuel).is_some_and(|value| value.abs() < BigRational::one());
    if share && !gold_has && is_share(gold) {
        return wrong(Difference::Unit);
    }
    match plain(gold, answer, fuel)? {
        crate::Judgement::Right(Agreement::Rounded) => right(Agreement::Rounded),
        crate::Judgement::Right(_) => right(Agreement::UnitOmitted),
        other => Ok(other),
    }
}

/// A temperature on a scale that begins elsewhere, in kelvins.
fn kelvins(value: &Expr, unit: &Unit) -> Option<Expr> {
    let number = |top: i64, bottom: i64| Expr::Number(BigRational::new(top.into(), bottom.into()));
    let zero = number(27_315, 100);
    if unit.is("celsius") {
        return Some(Expr::Sum(vec![value.clone(), zero]));
    }
    if unit.is("fahrenheit") {
        let above = Expr::Sum(vec![value.clone(), number(-32, 1)]);
        return Some(Expr::Sum(vec![Expr::Product(vec![above, number(5, 9)]), zero]));
    }
    unit.is("kelvin").then(|| value.clone())
}

/// An angle in radians.
fn radians(value: &Expr, unit: &Unit) -> Option<Expr> {
    if unit.is("degree") {
        let turn = Expr::Quotient(Box::new(Expr::Constant(Constant::Pi)), Box::new(Expr::integer(180)));
        return Some(Expr::Product(vec![value.clone(), Expr::Number(unit.factor.clone()), turn]));
    }
    unit.is("radian").then(|| value.clone())
}

/// A number times variables that are units: the number, and the unit.
fn parted(expr: &Expr) -> Option<(Expr, Unit)> {
    let (value, unit) = split(expr)?;
    (!unit.is_none()).then_some((value, unit))
}

fn split(expr: &Expr) -> Option<(Expr, Unit)> {
    match expr {
        Expr::Variable(name) => {
            let symbol = match name.as_str() {
                "Omega" => "Ω",
                name => name,
            };
            Some((Expr::integer(1), crate::unit::known(symbol).filter(|unit| unit.scale.is_one())?))
        }
        Expr::Product(factors) => {
            let mut parts = (Vec::new(), Unit::none());
            for factor in factors {
                let (value, unit) = split(factor)?;
                parts.0.push(value);
                parts.1 = parts.1.times(unit);
            }
            Some((Expr::Product(parts.0), parts.1))
        }
        Expr::Quotient(top, bottom) => {
            let ((top, over), (bottom, under)) = (split(top)?, split(bottom)?);
            Some((Expr::Quotient(Box::new(top), Box::new(bottom)), over.times(under.power(-1))))
        }
        Expr::Power(base, exponent) if !base.variables().is_empty() => {
            let exponent = match &**exponent {
                Expr::Number(power) => power.clone(),
                Expr::Negative(power) => -decimal_or_whole(power)?,
                _ => return None,
            };
            let power = exponent.to_integer().to_i32().filter(|power| exponent.is_integer() && power.abs() <= 9)?;
            let (value, unit) = split(base)?;
            Some((Expr::Power(Box::new(value), Box::new(Expr::integer(power.into()))), unit.power(power)))
        }
        Expr::Negative(part) => split(part).map(|(value, unit)| (value.negative(), unit)),
        _ if expr.variables().is_empty() => Some((expr.clone(), Unit::none())),
        _ => None,
    }
}

fn decimal_or_whole(expr: &Expr) -> Option<BigRational> {
    match expr {
        Expr::Number(value) => Some(value.clone()),
        _ => None,
    }
}
