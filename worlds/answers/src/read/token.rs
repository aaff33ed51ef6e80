//! What text and LaTeX are cut into.

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
    /// `'`: a derivative, feet, minutes of arc.
    Prime,
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
    /// `{1 \over 2}`
    Over,
    /// `{n \choose k}`
    Choose,
    /// `\begin{…}` of a matrix.
    Begin,
    End,
    Ampersand,
    Row,
    /// `%`, `°` and currency signs.
    Sign(&'static str),
    /// A mark over a letter that makes another variable of it: `\bar`, `\tilde`.
    Mark(&'static str),
    /// `\neg`.
    Not,
    /// `\cap`.
    Cap,
    /// `\bmod`.
    Mod,
    /// `\pmod`.
    Modulus,
    /// Mathematics that is not computed here.
    Unsupported,
}
