//! Equations and inequalities: names given to results, and the same relation written otherwise.

use num_rational::BigRational;
use num_traits::Signed;

use super::{Compared, equal, forms, rational, right, wrong};
use crate::exact::{Atoms, quotient};
use crate::fuel::{Fuel, Stop};
use crate::judgement::{Agreement, Difference, Judgement};
use crate::tree::{Expr, Form, Function, Join, Relation};

/// What is compared once names are left out: `x = 5` beside `5`, `x = 1 or x = 2` beside `1, 2`,
/// `x = 1, y = 2` beside `(1, 2)`. `None` if there is nothing to leave out.
pub(super) fn unnamed(gold: &Form, answer: &Form) -> Option<(Form, Form)> {
    if let (Some((name, value)), Some((other, other_value))) = (named(gold), named(answer)) {
        if name == other {
            return Some((value, other_value));
        }
        // "f(x) = 2x" and "f(t) = 2t"
        return match (&name[..], &other[..]) {
            ([head, name], [other_head, other]) if head == other_head => {
                Some((value, other_value.renamed(other, name)))
            }
            _ => None,
        };
    }
    match (results(gold), results(answer)) {
        (Some(results), None) if !relates(answer) => Some((results, answer.clone())),
        (None, Some(results)) if !relates(gold) => Some((gold.clone(), results)),
        (Some(row @ Form::Row { .. }), Some(other @ Form::Row { .. }))
            if names(gold) == names(answer) && named(gold).is_some() != named(answer).is_some() =>
        {
            Some((row, other))
        }
        (Some(Form::List(Join::Or, a)), Some(Form::List(Join::Or, b))) if names(gold) == names(answer) => {
            Some((Form::List(Join::Or, a), Form::List(Join::Or, b)))
        }
        _ => None,
    }
}

/// An equation beside a value: "(x+1)^2 = x^2+2x+1" says it twice, and "a + b = 12" gives it a name
/// made of names.
pub(super) fn of_value(gold: &Expr, left: &Form, rest: &[(Relation, Form)], fuel: &Fuel) -> Compared {
    let sides = std::iter::once(left).chain(rest.iter().map(|(_, side)| side)).map(Form::plain);
    let (Some(sides), true) =
        (sides.collect::<Option<Vec<_>>>(), rest.iter().all(|(relation, _)| *relation == Relation::Equal))
    else {
        return wrong(Difference::Kind);
    };
    let is_name = |part: &Expr| matches!(part, Expr::Variable(_));
    let named = matches!(sides[0], Expr::Sum(parts) if parts.iter().all(is_name)) && gold.variables().is_empty();
    for side in sides.iter().skip(usize::from(named)) {
        if !equal(gold, side, fuel)? {
            return wrong(Difference::Kind);
        }
    }
    right(if named { Agreement::SameValue } else { Agreement::SameExpression })
}

fn relates(form: &Form) -> bool {
    match form {
        Form::Chain(..) => true,
        Form::List(_, items) => items.iter().any(relates),
        _ => false,
    }
}

/// A name and what it is said to be: `x = 5`, `f(x) = 2x`, `x = y = 5`; a name on the right counts
/// too: `5 = x`.
fn named(form: &Form) -> Option<(Vec<String>, Form)> {
    let Form::Chain(left, rest) = form else { return None };
    // "x ∈ {1, 2}"
    if let ([(Relation::In, set @ Form::Set(_))], Some(name)) = (&rest[..], left.plain().and_then(name_of)) {
        return Some((name, set.clone()));
    }
    let all_equal = rest.iter().all(|(relation, _)| *relation == Relation::Equal);
    if let (Form::Row { items, .. }, true, Some((_, value))) = (&**left, all_equal, rest.last()) {
        let names = items.iter().map(|item| item.plain().and_then(name_of)).collect::<Option<Vec<_>>>()?.concat();
        // in the alphabetical order of the names, as results that are named one by one are
        let Form::Row { open, close, items } = value else { return Some((names, value.clone())) };
        if items.len() != names.len() {
            return None;
        }
        let mut pairs: Vec<(String, Form)> = names.into_iter().zip(items.iter().cloned()).collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        let (names, items) = pairs.into_iter().unzip();
        return Some((names, Form::Row { open: *open, close: *close, items }));
    }
    // "2 + 3 = 5" gives no name to its result
    if left.plain().is_some_and(|left| left.variables().is_empty())
        && let Some((_, Form::Value(value, unit))) = rest.last().filter(|_| all_equal)
        && value.variables().is_empty()
    {
        let said = left.plain().filter(|left| is_beside_work(left, value)).unwrap_or(value);
        return Some((Vec::new(), Form::Value(said.clone(), unit.clone())));
    }
    let [(Relation::Equal, value)] = &rest[..] else {
        // "x = 3 + 4 = 7": the last side is the result
        let name = left.plain().and_then(name_of).filter(|_| all_equal)?;
        return rest.last().map(|(_, value)| (name, value.clone()));
    };
    if let Some(name) = left.plain().and_then(name_of) {
        return Some((name, value.clone()));
    }
    let Some(Expr::Variable(name)) = value.plain() else { return None };
    let is_value = left.plain().is_none_or(|left| left.variables().is_empty());
    is_value.then(|| (vec![name.clone()], (**left).clone()))
}

/// Whether a number stands before work that comes to another one: "105 = 5 · 8" says 105.
fn is_beside_work(number: &Expr, work: &Expr) -> bool {
    let Expr::Number(number) = number else { return false };
    let is_work = matches!(work, Expr::Sum(_) | Expr::Product(_) | Expr::Power(..));
    is_work && rational(work, &Fuel::new()).is_some_and(|value| value != *number)
}

/// A variable, or a function applied to variables.
fn name_of(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Variable(name) => Some(vec![name.clone()]),
        // the length of a segment
        Expr::Call(Function::Abs, parts) => match &parts[..] {
            [Expr::Product(factors)] if factors.iter().all(|factor| matches!(factor, Expr::Variable(_))) => {
                Some(vec![format!("|{}|", parts[0].variables().concat())])
            }
            _ => None,
        },
        Expr::Product(factors) if factors.len() == 2 => {
            let all = factors.iter().map(|factor| match factor {
                Expr::Variable(name) => Some(name.clone()),
                _ => None,
            });
            all.collect::<Option<Vec<_>>>().or_else(|| match &factors[..] {
                // the value at a place: `f(3)`
                [Expr::Variable(head), Expr::Number(place)] => Some(vec![format!("{head}({place})")]),
                // the probability of an event: `P(A \cap B)`
                [Expr::Variable(head), Expr::Product(event)]
                    if event.iter().all(|part| matches!(part, Expr::Variable(_))) =>
                {
                    Some(vec![format!("{head}({})", factors[1].variables().concat())])
                }
                _ => None,
            })
        }
        _ => None,
    }
}

fn names(form: &Form) -> Vec<String> {
    match form {
        Form::List(_, items) => {
            let mut all: Vec<String> = items.iter().flat_map(names).collect();
            all.sort_unstable();
            all.dedup();
            all
        }
        form => named(form).map(|(name, _)| name).unwrap_or_default(),
    }
}

/// The results without their names: of one name a list, of several, in their alphabetical order, a
/// tuple.
fn results(form: &Form) -> Option<Form> {
    if let Some((_, value)) = named(form) {
        return Some(value);
    }
    let Form::List(join, items) = form else { return None };
    // "x = 1, 2" and "x = 1 or 2": the name is said once
    if let Some((_, first)) = items.first().and_then(named)
        && items[1..].iter().all(|item| matches!(item, Form::Value(..)))
    {
        return Some(Form::List(*join, [vec![first], items[1..].to_vec()].concat()));
    }
    let mut found = items.iter().map(named).collect::<Option<Vec<_>>>()?;
    let first = found.first()?.0.clone();
    if found.iter().all(|(name, _)| *name == first) {
        return Some(Form::List(Join::Or, found.into_iter().map(|(_, value)| value).collect()));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    if found.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    Some(Form::Row { open: '(', close: ')', items: found.into_iter().map(|(_, value)| value).collect() })
}

/// Compares two relations: each as the difference of its sides, up to a factor, which for
/// inequalities is positive.
pub(super) fn compared(gold: &Form, answer: &Form, fuel: &Fuel) -> Compared {
    let (Some((gold_kind, gold)), Some((answer_kind, answer))) = (difference(gold), difference(answer)) else {
        return by_sides(gold, answer, fuel);
    };
    if gold_kind != answer_kind {
        return wrong(Difference::Equation);
    }
    let mut atoms = Atoms::default();
    let gold_sides = quotient(&gold, &mut atoms, fuel)?;
    let answer_sides = quotient(&answer, &mut atoms, fuel)?;
    let ratio = gold_sides.top.ratio(&answer_sides.top);
    let any_factor = matches!(gold_kind, Relation::Equal | Relation::NotEqual);
    let constant = gold_sides.bottom.value().zip(answer_sides.bottom.value());
    let same = match (ratio, constant) {
        (Some(_), _) if any_factor => true,
        (Some(ratio), Some((gold, answer))) => (ratio * answer / gold).is_positive(),
        _ => any_factor && proportional(&gold, &answer, fuel)?,
    };
    if same { right(Agreement::SameEquation) } else { wrong(Difference::Equation) }
}

/// The kind of a relation, turned so that it says `=`, `≠`, `<` or `≤`, and the difference of its
/// sides.
fn difference(form: &Form) -> Option<(Relation, Expr)> {
    let Form::Chain(left, rest) = form else { return None };
    let [(relation, right)] = &rest[..] else { return None };
    let (left, right) = (left.plain()?, right.plain()?);
    let (kind, left, right) = match relation {
        Relation::Greater => (Relation::Less, right, left),
        Relation::GreaterEqual => (Relation::LessEqual, right, left),
        Relation::In | Relation::Implies | Relation::Approximate => return None,
        kind => (*kind, left, right),
    };
    Some((kind, Expr::Sum(vec![left.clone(), right.clone().negative()])))
}

/// Whether two expressions are a constant multiple of one another, seen at points.
fn proportional(gold: &Expr, answer: &Expr, fuel: &Fuel) -> Result<bool, Stop> {
    let at = |expr: &Expr, round: u64| {
        let place = |name: &str| -> BigRational { crate::float::point(round, name) };
        crate::float::evaluate(expr, &place, fuel)
    };
    let (mut compared, mut first) = (0, None);
    for round in 0..6 {
        let (Ok(gold), Ok(answer)) = (at(gold, round), at(answer, round)) else { continue };
        if gold.is_zero() || answer.is_zero() {
            continue;
        }
        let ratio = gold.times(&answer.inverse()?)?;
        match &first {
            None => first = Some(ratio),
            Some(first) if !ratio.agrees(first) => return Ok(false),
            Some(_) => compared += 1,
        }
    }
    if compared >= 2 { Ok(true) } else { Err(Stop::Undefined) }
}

/// Longer chains, side by side, from either end.
fn by_sides(gold: &Form, answer: &Form, fuel: &Fuel) -> Compared {
    if alike(gold, answer, fuel)? || alike(gold, &turned(answer), fuel)? {
        return right(Agreement::SameEquation);
    }
    wrong(Difference::Equation)
}

/// A chain read from its other end.
fn turned(form: &Form) -> Form {
    let Form::Chain(left, rest) = form else { return form.clone() };
    let mut sides = vec![(**left).clone()];
    let mut relations = Vec::new();
    for (relation, side) in rest {
        sides.push(side.clone());
        relations.push(match relation {
            Relation::Less => Relation::Greater,
            Relation::LessEqual => Relation::GreaterEqual,
            Relation::Greater => Relation::Less,
            Relation::GreaterEqual => Relation::LessEqual,
            // these say something else from the other end
            Relation::In | Relation::Implies => return form.clone(),
            other => *other,
        });
    }
    let first = sides.pop().unwrap_or_else(|| (**left).clone());
    let rest = relations.into_iter().rev().zip(sides.into_iter().rev()).collect();
    Form::Chain(Box::new(first), rest)
}

fn alike(gold: &Form, answer: &Form, fuel: &Fuel) -> Result<bool, Stop> {
    let (Form::Chain(gold, gold_rest), Form::Chain(answer, answer_rest)) = (gold, answer) else {
        return Ok(false);
    };
    let kinds = |rest: &[(Relation, Form)]| rest.iter().map(|(relation, _)| *relation).collect::<Vec<_>>();
    if kinds(gold_rest) != kinds(answer_rest) {
        return Ok(false);
    }
    let golds = std::iter::once(&**gold).chain(gold_rest.iter().map(|(_, side)| side));
    let answers = std::iter::once(&**answer).chain(answer_rest.iter().map(|(_, side)| side));
    for (gold, answer) in golds.zip(answers) {
        let same = match (gold.plain(), answer.plain()) {
            (Some(gold), Some(answer)) => equal(gold, answer, fuel)?,
            _ => matches!(forms(gold, answer, fuel)?, Judgement::Right(_)),
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}
