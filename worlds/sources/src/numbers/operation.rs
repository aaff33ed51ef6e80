use std::fmt;

use super::rational::Rational;

/// One of the four operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Op {
    /// All of them, in the order of the vocabulary.
    pub(crate) const ALL: [Op; 4] = [Op::Add, Op::Subtract, Op::Multiply, Op::Divide];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Op::Add => "+",
            Op::Subtract => "-",
            Op::Multiply => "*",
            Op::Divide => "/",
        }
    }

    /// The operation of this word.
    pub(crate) fn of(word: &str) -> Option<Op> {
        Op::ALL.into_iter().find(|op| op.word() == word)
    }
}

/// Two numbers and what is done with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The first operand.
    pub(crate) left: Rational,
    /// What is done.
    pub(crate) op: Op,
    /// The second operand.
    pub(crate) right: Rational,
}

impl Operation {
    /// The exact value; `None` for a division by zero and for what does not fit in 64 bits.
    pub(crate) fn value(self) -> Option<Rational> {
        match self.op {
            Op::Add => self.left.plus(self.right),
            Op::Subtract => self.left.minus(self.right),
            Op::Multiply => self.left.times(self.right),
            Op::Divide => self.left.over(self.right),
        }
    }

    /// Every way to combine two numbers, with its value. Sums, products and differences are written
    /// with the larger number first: nothing is lost (a negative intermediate can always be avoided
    /// by turning a difference round), and equal derivations look equal.
    pub(crate) fn of_pair(one: Rational, other: Rational) -> impl Iterator<Item = (Operation, Rational)> {
        let (large, small) = if one < other { (other, one) } else { (one, other) };
        let falling = Op::ALL.map(|op| Some(Operation { left: large, op, right: small }));
        let rising = (small != large).then_some(Operation { left: small, op: Op::Divide, right: large });
        let all = falling.into_iter().chain([rising]).flatten();
        all.filter_map(|operation| Some((operation, operation.value()?)))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.op.word(), self.right)
    }
}
