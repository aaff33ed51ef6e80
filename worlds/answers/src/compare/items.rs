//! Sets, lists, tuples and matrices, element by element.

use super::{Compared, equal, forms, right, wrong};
use crate::fuel::{Fuel, Stop};
use crate::judgement::{Agreement, Difference, Judgement};
use crate::tree::{Expr, Form, Join};

/// Sets and lists without brackets: each element of one is in the other. Order and repetition do
/// not matter.
pub(super) fn sets(gold: &Form, answer: &Form, fuel: &Fuel) -> Compared {
    // "1 and 2" may be "1 or 2"; of statements p and q, "and" is not "or"
    let joined_otherwise = match (gold, answer) {
        (Form::List(join, _), Form::List(other, _)) => join != other && ![*join, *other].contains(&Join::Comma),
        _ => false,
    };
    let is_statement = |item: &Form| {
        item.plain()
            .is_some_and(|expr| !expr.variables().is_empty() && !expr.any(&|part| matches!(part, Expr::Number(_))))
    };
    let (Some((gold, _)), Some((answer, _))) = (elements(gold), elements(answer)) else {
        return wrong(Difference::Kind);
    };
    let covers = |these: &[Form], those: &[Form]| -> Result<bool, Stop> {
        for this in these {
            let mut found = false;
            for that in those {
                found = found || same(this, that, fuel)?;
            }
            if !found {
                return Ok(false);
            }
        }
        Ok(true)
    };
    if joined_otherwise && gold.iter().chain(answer).all(is_statement) {
        return wrong(Difference::Expression);
    }
    if gold.len() != answer.len() && (gold.is_empty() || answer.is_empty()) {
        return wrong(Difference::Length);
    }
    match (covers(gold, answer)?, covers(answer, gold)?) {
        (true, true) => right(Agreement::SameSet),
        _ if gold.len() != answer.len() => wrong(Difference::Length),
        _ => wrong(Difference::Element),
    }
}

/// Whether an element is another: units may be left out, but nothing is rounded.
fn same(this: &Form, that: &Form, fuel: &Fuel) -> Result<bool, Stop> {
    match forms(this, that, fuel)? {
        Judgement::Right(_) => Ok(true),
        Judgement::Wrong(_) => Ok(false),
        Judgement::Unsettled(_) => Err(Stop::Unknown),
    }
}

/// What can be one column: tuples, lists in their order, matrices of one row or column.
pub(super) fn rows(gold_form: &Form, answer_form: &Form, fuel: &Fuel) -> Compared {
    let (Some((gold, ordered)), Some((answer, answer_ordered))) = (elements(gold_form), elements(answer_form)) else {
        return match (column(gold_form), column(answer_form)) {
            (Some(gold), Some(answer)) => in_order(&gold, &answer, fuel),
            _ => wrong(Difference::Kind),
        };
    };
    // of two numbers, round brackets say a point or an open interval, square ones a closed interval
    if let (Form::Row { open, items, .. }, Form::Row { open: other, .. }) = (gold_form, answer_form)
        && items.len() == 2
        && matches!((open, other), ('(', '[') | ('[', '('))
    {
        return wrong(Difference::Region);
    }
    if !ordered && !answer_ordered {
        return wrong(Difference::Kind);
    }
    in_order(gold, answer, fuel)
}

fn in_order(gold: &[Form], answer: &[Form], fuel: &Fuel) -> Compared {
    if gold.len() != answer.len() {
        return wrong(Difference::Length);
    }
    for (gold, answer) in gold.iter().zip(answer) {
        if !same(gold, answer, fuel)? {
            return wrong(Difference::Element);
        }
    }
    right(Agreement::SameTuple)
}

/// A matrix, also one that is written as rows in brackets: `[[1,2],[3,4]]`.
pub(super) fn as_matrix(form: &Form) -> Option<Vec<Vec<Expr>>> {
    let row = |form: &Form| match form {
        Form::Row { items, .. } => items.iter().map(|item| item.plain().cloned()).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    match form {
        Form::Matrix(rows) => Some(rows.clone()),
        Form::Row { items, .. } => {
            let rows = items.iter().map(row).collect::<Option<Vec<_>>>()?;
            rows.iter().all(|row| row.len() == rows[0].len()).then_some(rows)
        }
        _ => None,
    }
}

/// The elements of something, and whether their order is part of it. A set written in braces is no
/// tuple.
fn elements(form: &Form) -> Option<(&[Form], bool)> {
    match form {
        Form::Set(items) => Some((items, false)),
        Form::List(_, items) => Some((items, false)),
        Form::Row { items, .. } => Some((items, true)),
        _ => None,
    }
}

/// The elements of a tuple, or of a matrix of one row or one column.
fn column(form: &Form) -> Option<Vec<Form>> {
    let value = |expr: &Expr| Form::Value(expr.clone(), None);
    match form {
        Form::Row { items, .. } => Some(items.clone()),
        Form::Matrix(rows) if rows.len() == 1 => Some(rows[0].iter().map(value).collect()),
        Form::Matrix(rows) if rows[0].len() == 1 => Some(rows.iter().map(|row| value(&row[0])).collect()),
        _ => None,
    }
}

/// Matrices of the same shape, entry by entry.
pub(super) fn matrices(gold: &[Vec<Expr>], answer: &[Vec<Expr>], fuel: &Fuel) -> Compared {
    let shape = |rows: &[Vec<Expr>]| (rows.len(), rows[0].len());
    if shape(gold) != shape(answer) {
        return wrong(Difference::Length);
    }
    for (gold, answer) in gold.iter().flatten().zip(answer.iter().flatten()) {
        if !equal(gold, answer, fuel)? {
            return wrong(Difference::Element);
        }
    }
    right(Agreement::SameMatrix)
}
