use std::fmt;

use super::derivation::{Derivation, Step};
use super::operation::{Op, Operation};
use super::rational::Rational;

/// An infix expression over the puzzle's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// One of the puzzle's numbers.
    Number(Rational),
    /// An operation on two expressions.
    Combined(Box<Expression>, Op, Box<Expression>),
}

impl Expression {
    /// The expression that a derivation computes: each operand stands for the number or the earlier
    /// result that it equals, by the results as they are *claimed*. So a derivation with a wrong
    /// result has an expression too, and a calculator shows that it is wrong. `None` if operands
    /// are not there or numbers are left over.
    pub(crate) fn of(numbers: &[Rational], derivation: &Derivation) -> Option<Expression> {
        let mut left: Vec<_> = numbers.iter().map(|&number| (number, Expression::Number(number))).collect();
        for step in &derivation.steps {
            combine(&mut left, step)?;
        }
        let (_, last) = left.pop()?;
        left.is_empty().then_some(last)
    }

    /// The same expression for everyone who only reorders sums and products: terms and factors are
    /// flattened and sorted.
    pub(crate) fn canonical(&self) -> String {
        match self {
            Expression::Number(number) => number.to_string(),
            Expression::Combined(_, op, _) => {
                let (plain, inverse) = signs(*op);
                let mut parts = Vec::new();
                self.flatten(plain, plain, inverse, &mut parts);
                parts.sort_unstable_by(|a, b| (a.0 != plain, &a.1).cmp(&(b.0 != plain, &b.1)));
                let text: String = parts.iter().map(|(op, part)| format!(" {} {part}", op.word())).collect();
                text.trim_start_matches([' ', '+', '*']).to_owned()
            }
        }
    }

    /// Gathers the terms (or factors) with their signs, through nested sums (or products).
    fn flatten(&self, sign: Op, plain: Op, inverse: Op, parts: &mut Vec<(Op, String)>) {
        match self {
            Expression::Combined(left, op, right) if *op == plain || *op == inverse => {
                let turned = if sign == plain { inverse } else { plain };
                left.flatten(sign, plain, inverse, parts);
                right.flatten(if *op == plain { sign } else { turned }, plain, inverse, parts);
            }
            Expression::Number(number) => parts.push((sign, number.to_string())),
            Expression::Combined(..) => parts.push((sign, format!("({})", self.canonical()))),
        }
    }

    /// How tightly its topmost operation binds.
    fn binding(&self) -> u8 {
        match self {
            Expression::Combined(_, Op::Add | Op::Subtract, _) => 1,
            Expression::Combined(_, Op::Multiply | Op::Divide, _) => 2,
            Expression::Number(_) => 3,
        }
    }
}

/// The operation that continues a sum or product, and the one that takes away from it.
fn signs(op: Op) -> (Op, Op) {
    match op {
        Op::Add | Op::Subtract => (Op::Add, Op::Subtract),
        Op::Multiply | Op::Divide => (Op::Multiply, Op::Divide),
    }
}

/// Replaces the step's operands by their combination, which goes by the result that is claimed.
fn combine(left: &mut Vec<(Rational, Expression)>, step: &Step) -> Option<()> {
    let mut take = |operand: Rational| {
        let at = left.iter().position(|(value, _)| *value == operand)?;
        Some(Box::new(left.remove(at).1))
    };
    let Operation { left: first, op, right: second } = step.operation;
    let expression = Expression::Combined(take(first)?, op, take(second)?);
    left.push((step.result, expression));
    Some(())
}

/// With the parentheses that keep the structure where operations are read from left to right, as
/// calculators do.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Number(number) => write!(f, "{number}"),
            Expression::Combined(left, op, right) => {
                grouped(left, left.binding() < self.binding(), f)?;
                write!(f, " {} ", op.word())?;
                grouped(right, right.binding() <= self.binding(), f)
            }
        }
    }
}

fn grouped(expression: &Expression, parentheses: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if parentheses { write!(f, "({expression})") } else { write!(f, "{expression}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(numbers: [i64; 4], text: &str) -> Expression {
        let derivation = Derivation::parse(text).expect("a derivation");
        Expression::of(&numbers.map(Rational::whole), &derivation).expect("an expression")
    }

    #[test]
    fn parentheses_stand_where_they_are_needed() {
        let shown = |numbers, text| expression(numbers, text).to_string();
        let text = "8 / 8 = 1 left 1 4 7 ; 7 - 1 = 6 left 4 6 ; 6 * 4 = 24";
        assert_eq!(shown([4, 7, 8, 8], text), "(7 - 8 / 8) * 4");
        let text = "2 + 3 = 5 left 4 5 5 ; 5 - 5 = 0 left 0 4 ; 4 - 0 = 4";
        assert_eq!(shown([2, 3, 4, 5], text), "4 - (5 - (2 + 3))");
        let text = "8 / 3 = 8 over 3 left 8 over 3 3 8 ; 3 - 8 over 3 = 1 over 3 left 1 over 3 8 ; 8 / 1 over 3 = 24";
        assert_eq!(shown([3, 3, 8, 8], text), "8 / (3 - 8 / 3)");
    }

    #[test]
    fn reordering_does_not_change_the_canonical_form() {
        let canonical = |text| expression([1, 2, 3, 4], text).canonical();
        let one = canonical("3 + 4 = 7 left 1 2 7 ; 7 - 2 = 5 left 1 5 ; 1 * 5 = 5");
        let other = canonical("3 - 2 = 1 left 1 1 4 ; 1 + 4 = 5 left 1 5 ; 5 * 1 = 5");
        assert_eq!(one, "(3 + 4 - 2) * 1");
        assert_eq!(one, canonical("4 - 2 = 2 left 1 2 3 ; 2 + 3 = 5 left 1 5 ; 5 * 1 = 5"));
        assert_eq!(other, "(1 + 4) * (3 - 2)");
    }
}
