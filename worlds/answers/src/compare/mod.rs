//! Comparing what was read: which kinds of things can be the same, and when they are.

mod equal;
mod items;
mod quantity;
mod region;
mod relation;

pub(crate) use equal::{equal, rational};

use crate::fuel::{Fuel, Stop};
use crate::judgement::{Agreement, Difference, Doubt, Judgement};
use crate::tree::{Expr, Form, Join, Relation};

/// The result of a comparison, with its reason.
pub(crate) type Compared = Result<Judgement, Stop>;

/// Compares an answer with a reference.
pub(crate) fn compare(gold: &Form, answer: &Form, fuel: &Fuel) -> Judgement {
    forms(gold, answer, fuel).unwrap_or_else(|stop| {
        Judgement::Unsettled(match stop {
            Stop::Fuel | Stop::Large => Doubt::OutOfWork,
            Stop::Undefined => Doubt::Undefined,
            Stop::Unknown => Doubt::Unsupported,
        })
    })
}

pub(crate) fn wrong(why: Difference) -> Compared {
    Ok(Judgement::Wrong(why))
}

pub(crate) fn right(why: Agreement) -> Compared {
    Ok(Judgement::Right(why))
}

pub(crate) fn forms(gold: &Form, answer: &Form, fuel: &Fuel) -> Compared {
    fuel.spend(20)?;
    if gold == answer {
        return right(Agreement::Identical);
    }
    let (gold, answer) = (said_once(unfolded(gold), fuel), said_once(unfolded(answer), fuel));
    match (&gold, &answer) {
        (Form::Modular(gold, modulus), Form::Modular(answer, other)) => {
            return modular(gold, modulus, answer, other, fuel);
        }
        (Form::Modular(gold, _), answer) => return forms(gold, answer, fuel),
        (gold, Form::Modular(answer, _)) => return forms(gold, answer, fuel),
        (Form::Matrix(_), Form::Row { .. }) | (Form::Row { .. }, Form::Matrix(_)) => {
            if let (Some(gold), Some(answer)) = (items::as_matrix(&gold), items::as_matrix(&answer)) {
                return items::matrices(&gold, &answer, fuel);
            }
        }
        _ => {}
    }
    if let Some((gold, answer)) = relation::unnamed(&gold, &answer) {
        return forms(&gold, &answer, fuel);
    }
    if let Some(compared) = region::compared(&gold, &answer, fuel) {
        return compared;
    }
    match (&gold, &answer) {
        (Form::Value(gold, unit), Form::Value(answer, other)) => quantity::compared(gold, unit, answer, other, fuel),
        (Form::Proportion(gold), Form::Proportion(answer)) => proportions(gold, answer, fuel),
        (Form::Proportion(sides), Form::Value(other, None)) | (Form::Value(other, None), Form::Proportion(sides))
            if sides.len() == 2 =>
        {
            let ratio = Expr::Quotient(Box::new(sides[0].clone()), Box::new(sides[1].clone()));
            quantity::compared(&ratio, &None, other, &None, fuel)
        }
        (Form::Matrix(gold), Form::Matrix(answer)) => items::matrices(gold, answer, fuel),
        (Form::Value(value, unit), Form::Chain(left, rest)) if unit.is_none() => {
            relation::of_value(value, left, rest, fuel)
        }
        (Form::Chain(..), Form::Chain(..)) => relation::compared(&gold, &answer, fuel),
        (Form::Set(_) | Form::List(..), Form::Set(_) | Form::List(..)) => items::sets(&gold, &answer, fuel),
        _ => items::rows(&gold, &answer, fuel),
    }
}

/// `±` written out as two answers, and single elements taken out of sets.
fn unfolded(form: &Form) -> Form {
    match form {
        Form::Value(expr, unit) if expr.is_either() => {
            let side = |plus| Form::Value(expr.choose(plus), unit.clone());
            Form::List(Join::Or, vec![side(true), side(false)])
        }
        Form::Chain(left, rest) if rest.iter().any(|(relation, _)| *relation == Relation::Approximate) => {
            exact(left, rest)
        }
        Form::Chain(left, rest) => match (&**left, &rest[..]) {
            // "x ∈ {1, 2}" is x = 1 or x = 2
            (Form::Value(Expr::Variable(_), None), [(Relation::In, Form::Set(items))]) if items.len() > 1 => {
                let is = |item: &Form| Form::Chain(left.clone(), vec![(Relation::Equal, item.clone())]);
                Form::List(Join::Or, items.iter().map(is).collect())
            }
            (_, [(Relation::Equal, Form::Value(right, unit))]) if right.is_either() => {
                let side = |plus| {
                    let right = Form::Value(right.choose(plus), unit.clone());
                    Form::Chain(left.clone(), vec![(Relation::Equal, right)])
                };
                Form::List(Join::Or, vec![side(true), side(false)])
            }
            _ => form.clone(),
        },
        Form::Set(items) if items.len() == 1 && matches!(items[0], Form::Set(_)) => form.clone(),
        Form::Set(items) | Form::List(_, items) if items.len() == 1 => unfolded(&items[0]),
        Form::Set(items) | Form::List(_, items) => {
            let unfold = |item: &Form| match unfolded(item) {
                Form::List(Join::Or, inner) => inner,
                item => vec![item],
            };
            let items = items.iter().flat_map(unfold).collect();
            if let Form::List(join, _) = form { Form::List(*join, items) } else { Form::Set(items) }
        }
        form => form.clone(),
    }
}

/// What is exact of a chain: `22/7 ≈ 3.14` is 22/7, and `x ≈ 3.14` is 3.14.
fn exact(left: &Form, rest: &[(Relation, Form)]) -> Form {
    let place = rest.iter().position(|(relation, _)| *relation == Relation::Approximate).unwrap_or(rest.len());
    if place > 0 {
        return unfolded(&Form::Chain(Box::new(left.clone()), rest[..place].to_vec()));
    }
    let is_name = left.plain().is_some_and(|left| !left.variables().is_empty());
    match rest {
        [(_, value), ..] if is_name => Form::Chain(Box::new(left.clone()), vec![(Relation::Equal, value.clone())]),
        _ => unfolded(left),
    }
}

/// "1/2 or 0.5" says one thing twice.
fn said_once(form: Form, fuel: &Fuel) -> Form {
    let Form::List(Join::Or, items) = &form else { return form };
    let [first, others @ ..] = &items[..] else { return form };
    let values = items.iter().all(|item| matches!(item, Form::Value(..)));
    let same = |other: &Form| matches!(forms(first, other, fuel), Ok(Judgement::Right(why)) if why != Agreement::UnitOmitted && why != Agreement::Rounded);
    if values && items.len() < 4 && others.iter().all(same) { first.clone() } else { form }
}

/// Residues are the same if their moduli are and they differ by a multiple of it.
fn modular(gold: &Form, modulus: &Expr, answer: &Form, other: &Expr, fuel: &Fuel) -> Compared {
    if !equal(modulus, other, fuel)? {
        return wrong(Difference::Value);
    }
    let bare = |form: &Form| match form {
        Form::Chain(_, rest) => rest.last().and_then(|(_, value)| value.plain().cloned()),
        form => form.plain().cloned(),
    };
    let (Some(gold), Some(answer)) = (bare(gold), bare(answer)) else { return forms(gold, answer, fuel) };
    let distance =
        Expr::Quotient(Box::new(Expr::Sum(vec![gold.clone(), answer.negative()])), Box::new(modulus.clone()));
    match rational(&distance, fuel) {
        Some(turns) if turns.is_integer() => right(Agreement::SameValue),
        _ => wrong(Difference::Value),
    }
}

/// Proportions are the same if their sides are, times one number.
fn proportions(gold: &[Expr], answer: &[Expr], fuel: &Fuel) -> Compared {
    if gold.len() != answer.len() {
        return wrong(Difference::Length);
    }
    let cross = |a: &Expr, b: &Expr| Expr::Product(vec![a.clone(), b.clone()]);
    for place in 1..gold.len() {
        if !equal(&cross(&gold[0], &answer[place]), &cross(&answer[0], &gold[place]), fuel)? {
            return wrong(Difference::Value);
        }
    }
    right(Agreement::SameValue)
}
