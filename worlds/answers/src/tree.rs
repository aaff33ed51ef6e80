//! What an answer is once it is read: an expression, or something made of expressions.

use num_rational::BigRational;

use crate::unit::Unit;

/// A mathematical expression. Depth is bounded by the parser, so recursion over it is too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    /// A numeral; not an integer only if it was written as a decimal.
    Number(BigRational),
    /// A variable, subscripts included: `x`, `x_1`, `\theta`.
    Variable(String),
    /// A named number.
    Constant(Constant),
    /// Terms added.
    Sum(Vec<Expr>),
    /// Factors multiplied.
    Product(Vec<Expr>),
    /// One divided by another.
    Quotient(Box<Expr>, Box<Expr>),
    /// The negative.
    Negative(Box<Expr>),
    /// `±` (true) or `∓` (false) before an expression.
    Either(bool, Box<Expr>),
    /// A base and an exponent.
    Power(Box<Expr>, Box<Expr>),
    /// A function of one or two arguments.
    Call(Function, Vec<Expr>),
}

/// A named number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constant {
    Pi,
    E,
    I,
    Infinity,
}

/// A function that is computed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// Degree, radicand.
    Root,
    Sin,
    Cos,
    Tan,
    Cot,
    Sec,
    Csc,
    Arcsin,
    Arccos,
    Arctan,
    Sinh,
    Cosh,
    Tanh,
    /// Natural.
    Ln,
    /// Base, argument.
    Log,
    Exp,
    Abs,
    Floor,
    Ceil,
    Factorial,
    /// `n`, `k`.
    Binomial,
    /// `5!! = 5·3·1`
    DoubleFactorial,
    Gcd,
    Lcm,
    Max,
    Min,
    Sign,
    /// `a`, `n`: what `a` leaves over when it is divided by `n`.
    Remainder,
    /// `cos x + i sin x`; read as that.
    Cis,
}

/// How one side of a relation stands to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    /// `≈`: what follows is not exact.
    Approximate,
    Implies,
}

/// What joins the items of a list that has no brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    Comma,
    And,
    Or,
}

/// A stretch of the real line between two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) low: Expr,
    pub(crate) low_closed: bool,
    pub(crate) high: Expr,
    pub(crate) high_closed: bool,
}

/// An answer as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// An expression with the unit that was written beside it.
    Value(Expr, Option<Unit>),
    /// `3:2`.
    Proportion(Vec<Expr>),
    /// `1, 2` or `x = 1 or x = 2`.
    List(Join, Vec<Form>),
    /// `{1, 2}`.
    Set(Vec<Form>),
    /// Two or more items in brackets: a point, a vector, an interval.
    Row { open: char, close: char, items: Vec<Form> },
    /// Rows of equal length.
    Matrix(Vec<Vec<Expr>>),
    /// Sides with relations between them: `1 < x <= 2`.
    Chain(Box<Form>, Vec<(Relation, Form)>),
    /// A thing and the modulus it is meant by: `3 \pmod 7`.
    Modular(Box<Form>, Expr),
    /// A union of stretches of the real line.
    Region(Vec<Piece>),
}

impl Expr {
    /// An integer.
    pub(crate) fn integer(value: i64) -> Expr {
        Expr::Number(BigRational::from_integer(value.into()))
    }

    /// The negative of an expression.
    pub(crate) fn negative(self) -> Expr {
        Expr::Negative(Box::new(self))
    }

    /// Infinity or its negative.
    pub(crate) fn infinity(positive: bool) -> Expr {
        let infinity = Expr::Constant(Constant::Infinity);
        if positive { infinity } else { infinity.negative() }
    }

    /// The parts of it that are expressions.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match self {
            Expr::Number(_) | Expr::Variable(_) | Expr::Constant(_) => Vec::new(),
            Expr::Sum(parts) | Expr::Product(parts) | Expr::Call(_, parts) => parts.iter().collect(),
            Expr::Quotient(left, right) | Expr::Power(left, right) => vec![left, right],
            Expr::Negative(part) | Expr::Either(_, part) => vec![part],
        }
    }

    /// Whether it or any part of it is such.
    pub(crate) fn any(&self, is_such: &dyn Fn(&Expr) -> bool) -> bool {
        is_such(self) || self.parts().into_iter().any(|part| part.any(is_such))
    }

    /// The names of its variables, sorted.
    pub(crate) fn variables(&self) -> Vec<String> {
        let mut names = match self {
            Expr::Variable(name) => vec![name.clone()],
            _ => self.parts().into_iter().flat_map(Expr::variables).collect(),
        };
        names.sort_unstable();
        names.dedup();
        names
    }

    /// It with every variable of this name called otherwise.
    pub(crate) fn renamed(&self, from: &str, to: &str) -> Expr {
        self.mapped(&|expr| match expr {
            Expr::Variable(name) if name == from => Some(Expr::Variable(to.to_owned())),
            _ => None,
        })
    }

    /// Its complex conjugate, for one whose variables are real.
    pub(crate) fn conjugate(&self) -> Expr {
        self.mapped(&|expr| (*expr == Expr::Constant(Constant::I)).then(|| expr.clone().negative()))
    }

    /// It with some of its parts put in place of others.
    fn mapped(&self, other: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
        if let Some(other) = other(self) {
            return other;
        }
        let all = |parts: &[Expr]| parts.iter().map(|part| part.mapped(other)).collect();
        let one = |part: &Expr| Box::new(part.mapped(other));
        match self {
            Expr::Number(_) | Expr::Variable(_) | Expr::Constant(_) => self.clone(),
            Expr::Sum(parts) => Expr::Sum(all(parts)),
            Expr::Product(parts) => Expr::Product(all(parts)),
            Expr::Call(function, parts) => Expr::Call(*function, all(parts)),
            Expr::Quotient(left, right) => Expr::Quotient(one(left), one(right)),
            Expr::Power(left, right) => Expr::Power(one(left), one(right)),
            Expr::Negative(part) => Expr::Negative(one(part)),
            Expr::Either(sign, part) => Expr::Either(*sign, one(part)),
        }
    }

    /// Whether `±` or `∓` stands in it.
    pub(crate) fn is_either(&self) -> bool {
        self.any(&|part| matches!(part, Expr::Either(..)))
    }

    /// It with `±` read as plus (or as minus), and `∓` as the other.
    pub(crate) fn choose(&self, plus: bool) -> Expr {
        let all = |parts: &[Expr]| parts.iter().map(|part| part.choose(plus)).collect();
        let one = |part: &Expr| Box::new(part.choose(plus));
        match self {
            Expr::Number(_) | Expr::Variable(_) | Expr::Constant(_) => self.clone(),
            Expr::Sum(parts) => Expr::Sum(all(parts)),
            Expr::Product(parts) => Expr::Product(all(parts)),
            Expr::Call(function, parts) => Expr::Call(*function, all(parts)),
            Expr::Quotient(left, right) => Expr::Quotient(one(left), one(right)),
            Expr::Power(left, right) => Expr::Power(one(left), one(right)),
            Expr::Negative(part) => Expr::Negative(one(part)),
            Expr::Either(sign, part) if *sign == plus => part.choose(plus),
            Expr::Either(_, part) => Expr::Negative(one(part)),
        }
    }
}

impl Form {
    /// It with every variable of this name called otherwise.
    pub(crate) fn renamed(&self, from: &str, to: &str) -> Form {
        let all = |items: &[Form]| items.iter().map(|item| item.renamed(from, to)).collect();
        match self {
            Form::Value(expr, unit) => Form::Value(expr.renamed(from, to), unit.clone()),
            Form::List(join, items) => Form::List(*join, all(items)),
            Form::Set(items) => Form::Set(all(items)),
            Form::Row { open, close, items } => Form::Row { open: *open, close: *close, items: all(items) },
            Form::Chain(left, rest) => {
                let rest = rest.iter().map(|(relation, side)| (*relation, side.renamed(from, to))).collect();
                Form::Chain(Box::new(left.renamed(from, to)), rest)
            }
            form => form.clone(),
        }
    }

    /// An expression without a unit.
    pub(crate) fn plain(&self) -> Option<&Expr> {
        match self {
            Form::Value(expr, None) => Some(expr),
            _ => None,
        }
    }
}
