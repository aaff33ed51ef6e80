//! Sets of real numbers: intervals, unions, and inequalities in one variable, which describe them.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::equal::value;
use super::{Compared, equal, right, wrong};
use crate::exact::{Atoms, quotient};
use crate::float::Float;
use crate::fuel::{Fuel, Stop};
use crate::judgement::{Agreement, Difference};
use crate::read::{around, line, pieces_of};
use crate::tree::{Constant, Expr, Form, Join, Piece, Relation};

/// Compares two things of which at least one describes a region and both can; `None` if they are
/// something else.
pub(super) fn compared(gold: &Form, answer: &Form, fuel: &Fuel) -> Option<Compared> {
    if !(describes(gold) || describes(answer)) {
        return None;
    }
    // "x > 2" and "y > 2" are about different things
    if let (Some(name), Some(other)) = (about(gold), about(answer))
        && name != other
        && name != "_"
        && other != "_"
    {
        return Some(wrong(Difference::Equation));
    }
    let compared = same(region(gold, fuel)?, region(answer, fuel)?, fuel);
    // "a < b" is no region of a more than of b: "b > a" is the same
    let both_chains = matches!((gold, answer), (Form::Chain(..), Form::Chain(..)));
    let is_settled = about(gold).is_some() || compared != wrong(Difference::Region);
    (is_settled || !both_chains).then_some(compared)
}

/// Whether something is a region beyond doubt: two numbers in round brackets may as well be a
/// point.
fn describes(form: &Form) -> bool {
    let infinite = |form: &Form| {
        form.plain().is_some_and(|expr| expr.any(&|part| matches!(part, Expr::Constant(Constant::Infinity))))
    };
    match form {
        Form::Region(_) => true,
        Form::Chain(_, rest) => rest.iter().any(|(relation, _)| *relation != Relation::Equal),
        Form::List(_, items) => items.iter().all(describes),
        Form::Row { open, close, items } => {
            items.len() == 2 && (matches!((open, close), ('[', ')') | ('(', ']')) || items.iter().any(infinite))
        }
        _ => false,
    }
}

/// The only variable of inequalities.
fn about(form: &Form) -> Option<String> {
    let mut names = match form {
        Form::Chain(left, rest) => {
            let sides = std::iter::once(&**left).chain(rest.iter().map(|(_, side)| side));
            sides.filter_map(Form::plain).flat_map(Expr::variables).collect::<Vec<_>>()
        }
        Form::List(_, items) => items.iter().map(about).collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    names.sort_unstable();
    names.dedup();
    if names.len() == 1 { names.pop() } else { None }
}

fn region(form: &Form, fuel: &Fuel) -> Option<Vec<Piece>> {
    match form {
        Form::Chain(left, rest) => chain(left, rest, fuel),
        Form::List(join, items) => {
            let parts = items.iter().map(|item| region(item, fuel)).collect::<Option<Vec<_>>>()?;
            if *join == Join::Or {
                return Some(parts.concat());
            }
            // "x > 1, x < 3" holds together; "x < 1, x > 3" can only be meant apart
            let all_chains = items.iter().all(|item| matches!(item, Form::Chain(..)));
            let meet = |all: Vec<Piece>, part: &Vec<Piece>| {
                let pairs = all.iter().flat_map(|piece| part.iter().map(move |other| (piece.clone(), other)));
                pairs
                    .filter_map(|(piece, other)| both(piece, other, fuel))
                    .filter(|piece| !is_hollow(piece))
                    .collect::<Vec<_>>()
            };
            let together =
                all_chains.then(|| parts.iter().fold(vec![line()], meet)).filter(|pieces| !pieces.is_empty());
            Some(together.unwrap_or_else(|| parts.concat()))
        }
        form => pieces_of(form),
    }
}

/// `1 < x <= 2`, `x > 3`, `x ∈ (1, 2)`, `x ≠ 3`, `2x > 6`.
fn chain(left: &Form, rest: &[(Relation, Form)], fuel: &Fuel) -> Option<Vec<Piece>> {
    if let [(Relation::In, set)] = rest {
        return pieces_of(set).filter(|_| matches!(left.plain(), Some(Expr::Variable(_))));
    }
    let mut sides = vec![left.plain()?];
    for (_, side) in rest {
        sides.push(side.plain()?);
    }
    let mut all = line();
    for (place, (relation, _)) in rest.iter().enumerate() {
        let pieces = half(sides[place], *relation, sides[place + 1], fuel)?;
        match &pieces[..] {
            [piece] => all = both(all, piece, fuel)?,
            _ if rest.len() == 1 => return Some(pieces),
            _ => return None,
        }
    }
    Some(vec![all])
}

/// What one inequality, linear in its only variable, leaves of the line.
fn half(left: &Expr, relation: Relation, right: &Expr, fuel: &Fuel) -> Option<Vec<Piece>> {
    let (bound, positive) = match (left, right) {
        (Expr::Variable(name), other) if !other.variables().contains(name) => (other.clone(), true),
        (other, Expr::Variable(name)) if !other.variables().contains(name) => (other.clone(), false),
        _ => solved(left, right, fuel)?,
    };
    let open = line();
    let (below, closed) = match relation {
        Relation::NotEqual => return Some(around(vec![bound])),
        Relation::Less => (positive, false),
        Relation::LessEqual => (positive, true),
        Relation::Greater => (!positive, false),
        Relation::GreaterEqual => (!positive, true),
        Relation::Equal | Relation::In | Relation::Approximate | Relation::Implies => return None,
    };
    Some(vec![if below {
        Piece { high: bound, high_closed: closed, ..open }
    } else {
        Piece { low: bound, low_closed: closed, ..open }
    }])
}

/// Where two linear sides meet, and whether the left one grows faster.
fn solved(left: &Expr, right: &Expr, fuel: &Fuel) -> Option<(Expr, bool)> {
    let mut atoms = Atoms::default();
    let difference = Expr::Sum(vec![left.clone(), right.clone().negative()]);
    let [_] = &difference.variables()[..] else { return None };
    let sides = quotient(&difference, &mut atoms, fuel).ok()?;
    let bottom = sides.bottom.value()?;
    let (mut slope, mut constant) = (BigRational::zero(), BigRational::zero());
    for (monomial, coefficient) in &sides.top.terms {
        match &monomial[..] {
            [] => constant = coefficient.clone(),
            [(_, 1)] if atoms.are_free(&sides.top) => slope = coefficient.clone(),
            _ => return None,
        }
    }
    if slope.is_zero() || bottom.is_zero() {
        return None;
    }
    let grows = (&slope / &bottom).is_positive();
    Some((Expr::Number(-constant / slope), grows))
}

/// What two pieces share; `None` if nothing, or if their ends cannot be ordered.
fn both(a: Piece, b: &Piece, fuel: &Fuel) -> Option<Piece> {
    let (low, low_closed) = match order(&a.low, &b.low, fuel)? {
        Ordering::Less => (b.low.clone(), b.low_closed),
        Ordering::Greater => (a.low, a.low_closed),
        Ordering::Equal => (a.low, a.low_closed && b.low_closed),
    };
    let (high, high_closed) = match order(&a.high, &b.high, fuel)? {
        Ordering::Less => (a.high, a.high_closed),
        Ordering::Greater => (b.high.clone(), b.high_closed),
        Ordering::Equal => (a.high, a.high_closed && b.high_closed),
    };
    let piece = Piece { low, low_closed, high, high_closed };
    match order(&piece.low, &piece.high, fuel) {
        Some(Ordering::Greater) => None,
        _ => Some(piece),
    }
}

/// Whether both ends are one point, which does not belong to the piece.
fn is_hollow(piece: &Piece) -> bool {
    piece.low == piece.high && !(piece.low_closed && piece.high_closed)
}

/// The order of two ends on the line.
fn order(a: &Expr, b: &Expr, fuel: &Fuel) -> Option<Ordering> {
    if a == b {
        return Some(Ordering::Equal);
    }
    let infinite = |expr: &Expr| match expr {
        Expr::Constant(Constant::Infinity) => Some(Ordering::Greater),
        Expr::Negative(part) if **part == Expr::Constant(Constant::Infinity) => Some(Ordering::Less),
        _ => None,
    };
    match (infinite(a), infinite(b)) {
        (Some(order), _) => return Some(order),
        (_, Some(order)) => return Some(order.reverse()),
        _ => {}
    }
    let real = |expr: &Expr| -> Option<Float> {
        if !expr.variables().is_empty() {
            return None;
        }
        value(expr, fuel).ok()?.as_real().cloned()
    };
    let (left, right) = (real(a)?, real(b)?);
    if equal(a, b, fuel).ok()? { Some(Ordering::Equal) } else { Some(left.compare(&right)) }
}

/// Pieces in the order of the line, those that touch made one. Ends that cannot be ordered stay as
/// they stand.
fn merged(mut pieces: Vec<Piece>, fuel: &Fuel) -> Vec<Piece> {
    for piece in &mut pieces {
        piece.low_closed &= !matches!(piece.low, Expr::Negative(ref part) if **part == Expr::infinity(true));
        piece.high_closed &= piece.high != Expr::infinity(true);
    }
    // by insertion: a sort of the library may panic where some ends cannot be ordered
    for end in 1..pieces.len() {
        let mut place = end;
        while place > 0 && order(&pieces[place - 1].low, &pieces[place].low, fuel) == Some(Ordering::Greater) {
            pieces.swap(place - 1, place);
            place -= 1;
        }
    }
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        if let Some(last) = merged.last_mut() {
            let touches = match order(&piece.low, &last.high, fuel) {
                Some(Ordering::Less) => true,
                Some(Ordering::Equal) => piece.low_closed || last.high_closed,
                _ => false,
            };
            if touches {
                match order(&last.high, &piece.high, fuel) {
                    Some(Ordering::Less) => (last.high, last.high_closed) = (piece.high, piece.high_closed),
                    Some(Ordering::Equal) => last.high_closed |= piece.high_closed,
                    _ => {}
                }
                continue;
            }
        }
        merged.push(piece);
    }
    merged
}

fn same(gold: Vec<Piece>, answer: Vec<Piece>, fuel: &Fuel) -> Result<crate::Judgement, Stop> {
    let square = |pieces: &[Piece]| (pieces.len() as u64).pow(2) * 200;
    fuel.spend(square(&gold) + square(&answer))?;
    let (gold, answer) = (merged(gold, fuel), merged(answer, fuel));
    if gold.len() != answer.len() {
        return wrong(Difference::Region);
    }
    for (gold, answer) in gold.iter().zip(&answer) {
        let ends = (gold.low_closed, gold.high_closed) == (answer.low_closed, answer.high_closed);
        if !ends || !equal(&gold.low, &answer.low, fuel)? || !equal(&gold.high, &answer.high, fuel)? {
            return wrong(Difference::Region);
        }
    }
    right(Agreement::SameRegion)
}
