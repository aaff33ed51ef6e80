//! The pieces that an answer is cut into.

use num_rational::BigRational;

use crate::tree::{Constant, Function, Relation};

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Number(BigRational),
    /// A word that is no name of mathematics: a unit, a noun.
    Word(String),
    /// A variable's name.
    Name(String),
    Constant(Constant),
    Function(Function),
    Open(char),
    Close(char),
    Comma,
    Semicolon,
    Colon,
    Bar,
    Caret,
    Underscore,
    Bang,
    Plus,
    Minus,
    Times,
    Slash,
    /// `±` (true) or `∓`.
    Either(bool),
    Relation(Relation),
    And,
    Or,
    Cup,
    Without,
    Reals,
    Empty,
    Fraction,
    Sqrt,
    Binomial,
    /// `{n \choose k}`
    Choose,
    /// `\begin{…}` of a matrix.
    Begin,
    End,
    Ampersand,
    Row,
    /// `%`, `°` and currency signs.
    Sign(&'static str),
    /// Mathematics that is not computed here.
    Unsupported,
}
