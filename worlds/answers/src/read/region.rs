//! Unions of intervals, the real line, the empty set, and what is taken away from them.

use super::token::Token;
use super::{Parser, Unread};
use crate::tree::{Expr, Form, Piece};

impl Parser<'_> {
    /// Things joined by `\cup` or parted by `\setminus`.
    pub(super) fn union(&mut self) -> Result<Form, Unread> {
        let first = self.one()?;
        let mut pieces = None;
        loop {
            let without = match self.peek() {
                Some(Token::Cup) if pieces.is_none() && is_letter(&first) => return self.joined(first),
                Some(Token::Cup) => false,
                Some(Token::Without) => true,
                Some(Token::Minus) if matches!(first, Form::Region(_)) => true,
                Some(Token::Name(name)) if name == "U" && matches!(self.ahead(1), Some(Token::Open(_))) => false,
                _ => break,
            };
            self.at += 1;
            let braced = self.peek() == Some(&Token::Open('{'));
            let other = if braced { self.deeper(Self::set)? } else { self.one()? };
            let before = match pieces {
                Some(pieces) => pieces,
                None => pieces_of(&first).ok_or(Unread::Malformed)?,
            };
            let other = pieces_of(&other).ok_or(Unread::Malformed)?;
            pieces = Some(if without { parted(before, &other)? } else { [before, other].concat() });
        }
        Ok(pieces.map_or(first, Form::Region))
    }

    /// `A \cup B`: names of sets, joined in any order.
    fn joined(&mut self, first: Form) -> Result<Form, Unread> {
        let mut parts = vec![first.plain().cloned().ok_or(Unread::Malformed)?];
        while self.eat(&Token::Cup) {
            parts.push(Expr::Variable("\\cup".to_owned()));
            parts.push(self.simple()?.plain().cloned().ok_or(Unread::Malformed)?);
        }
        Ok(Form::Value(Expr::Product(parts), None))
    }

    fn one(&mut self) -> Result<Form, Unread> {
        if self.eat(&Token::Reals) {
            return Ok(Form::Region(vec![line()]));
        }
        if self.eat(&Token::Empty) {
            return Ok(Form::Set(Vec::new()));
        }
        self.simple()
    }
}

/// The whole real line.
pub(crate) fn line() -> Piece {
    Piece { low: Expr::infinity(false), low_closed: false, high: Expr::infinity(true), high_closed: false }
}

/// An interval or a set as stretches of the line.
pub(crate) fn pieces_of(form: &Form) -> Option<Vec<Piece>> {
    match form {
        Form::Region(pieces) => Some(pieces.clone()),
        Form::Row { open: open @ ('(' | '['), close: close @ (')' | ']'), items } if items.len() == 2 => {
            let (low, high) = (items[0].plain()?.clone(), items[1].plain()?.clone());
            Some(vec![Piece { low, low_closed: *open == '[', high, high_closed: *close == ']' }])
        }
        Form::Set(items) => items.iter().map(|item| item.plain().map(point)).collect(),
        _ => None,
    }
}

fn point(at: &Expr) -> Piece {
    Piece { low: at.clone(), low_closed: true, high: at.clone(), high_closed: true }
}

fn is_letter(form: &Form) -> bool {
    form.plain().is_some_and(|expr| !expr.variables().is_empty())
}

/// Stretches without some points; other differences are not read.
fn parted(pieces: Vec<Piece>, without: &[Piece]) -> Result<Vec<Piece>, Unread> {
    let unsupported = Unread::Doubt(crate::judgement::Doubt::Unsupported);
    if without.iter().any(|piece| piece.low != piece.high) {
        return Err(unsupported);
    }
    if pieces == [line()] {
        return Ok(around(without.iter().map(|piece| piece.low.clone()).collect()));
    }
    without.iter().try_fold(pieces, |pieces, point| {
        let at = numeral(&point.low).ok_or(unsupported)?;
        let mut parts = Vec::new();
        for piece in pieces {
            let infinite =
                |end: &Expr| end.any(&|part| matches!(part, Expr::Constant(crate::tree::Constant::Infinity)));
            let above = infinite(&piece.low) || numeral(&piece.low).ok_or(unsupported)? <= at;
            let below = infinite(&piece.high) || numeral(&piece.high).ok_or(unsupported)? >= at;
            if !(above && below) {
                parts.push(piece);
                continue;
            }
            let (low, high) = (piece.clone(), piece);
            if low.low != point.low {
                parts.push(Piece { high: point.low.clone(), high_closed: false, ..low });
            }
            if high.high != point.low {
                parts.push(Piece { low: point.low.clone(), low_closed: false, ..high });
            }
        }
        Ok(parts)
    })
}

/// The line without these points, in the order of the line as far as they are numerals.
pub(crate) fn around(mut points: Vec<Expr>) -> Vec<Piece> {
    if points.iter().all(|point| numeral(point).is_some()) {
        points.sort_by_cached_key(numeral);
    }
    let mut pieces = vec![line()];
    for point in points {
        if let Some(last) = pieces.last_mut() {
            last.high = point.clone();
        }
        pieces.push(Piece { low: point, ..line() });
    }
    pieces
}

fn numeral(expr: &Expr) -> Option<num_rational::BigRational> {
    match expr {
        Expr::Number(value) => Some(value.clone()),
        Expr::Negative(part) => numeral(part).map(|value| -value),
        Expr::Quotient(top, bottom) => {
            let (top, bottom) = (numeral(top)?, numeral(bottom)?);
            (bottom != num_rational::BigRational::from_integer(0.into())).then(|| top / bottom)
        }
        _ => None,
    }
}
