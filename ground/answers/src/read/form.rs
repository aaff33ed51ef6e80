//! What stands around expressions: lists, relations, brackets with commas, matrices, units.

use num_traits::ToPrimitive;

use super::token::Token;
use super::{Parser, Unread};
use crate::tree::{Expr, Form, Join, Relation};
use crate::unit::Unit;

impl Parser<'_> {
    /// Items joined by commas, `and` or `or`, without brackets.
    pub(super) fn list(&mut self) -> Result<Form, Unread> {
        let mut items = vec![self.item()?];
        let mut join = None;
        loop {
            let found = match self.peek() {
                Some(Token::Comma | Token::Semicolon) => Join::Comma,
                Some(Token::And) => Join::And,
                Some(Token::Or) => Join::Or,
                _ => break,
            };
            self.at += 1;
            if self.peek().is_none() && found == Join::Comma {
                break;
            }
            // "1, 2, and 3": the word says how
            let last = matches!(self.peek(), Some(Token::And | Token::Or)) && found == Join::Comma;
            if !last {
                join = if found == Join::Comma { join.or(Some(found)) } else { Some(found) };
                items.push(self.item()?);
            }
        }
        Ok(match join {
            Some(join) if items.len() > 1 => Form::List(join, items),
            _ => items.swap_remove(0),
        })
    }

    /// Sides with relations between them, or a proportion, or one thing alone.
    pub(super) fn item(&mut self) -> Result<Form, Unread> {
        let first = self.union()?;
        if self.peek() == Some(&Token::Colon)
            && let Some(side) = first.plain()
        {
            let mut sides = vec![side.clone()];
            while self.eat(&Token::Colon) {
                sides.push(self.sum()?);
            }
            return Ok(Form::Proportion(sides));
        }
        let mut rest = Vec::new();
        while let Some(Token::Relation(relation)) = self.peek() {
            self.at += 1;
            rest.push((*relation, self.union()?));
        }
        Ok(if rest.is_empty() { first } else { Form::Chain(Box::new(first), rest) })
    }

    /// One thing: brackets with commas, a set, a matrix, or an expression with its unit.
    pub(super) fn simple(&mut self) -> Result<Form, Unread> {
        match self.peek() {
            Some(Token::Begin) => self.deeper(Self::matrix),
            Some(Token::Open(open @ ('{' | 's'))) => match self.closing() {
                Some((close, true)) if self.ends(close) => self.deeper(|parser| parser.set()),
                Some((close, false)) if self.ends(close) && (*open == 's' || close == self.at + 1) => {
                    self.deeper(|parser| parser.set())
                }
                _ => self.measured(),
            },
            Some(Token::Open(open @ ('(' | '[' | '<'))) => match self.closing() {
                Some((close, true)) if self.ends(close) => self.deeper(|parser| parser.row(*open)),
                Some((close, false)) if self.ahead(1) == Some(&Token::Begin) && self.ends(close) => {
                    self.at += 1;
                    let matrix = self.deeper(Self::matrix)?;
                    self.expect(&Token::Close(if *open == '(' { ')' } else { ']' }))?;
                    Ok(matrix)
                }
                _ => self.measured(),
            },
            _ => self.measured(),
        }
    }

    /// Whether what is closed at this place stands alone: no factor, no exponent follows.
    fn ends(&self, close: usize) -> bool {
        let after = self.tokens.get(close + 1);
        let is_union = matches!(after, Some(Token::Name(name)) if name == "U");
        is_union
            || !matches!(
                after,
                Some(Token::Caret | Token::Name(_) | Token::Plus | Token::Minus | Token::Times | Token::Slash)
            )
    }

    fn row(&mut self, open: char) -> Result<Form, Unread> {
        self.at += 1;
        let items = self.items()?;
        match self.peek() {
            Some(Token::Close(close @ (')' | ']' | '>'))) => {
                self.at += 1;
                Ok(Form::Row { open, close: *close, items })
            }
            _ => Err(self.stuck()),
        }
    }

    /// Items up to a closing bracket.
    fn items(&mut self) -> Result<Vec<Form>, Unread> {
        if matches!(self.peek(), Some(Token::Close(_))) {
            return Ok(Vec::new());
        }
        let mut items = vec![self.item()?];
        while matches!(self.peek(), Some(Token::Comma | Token::Semicolon)) {
            self.at += 1;
            items.push(self.item()?);
        }
        Ok(items)
    }

    /// `{1, 2}`, `{}`, or `{x | x > 3}`.
    pub(super) fn set(&mut self) -> Result<Form, Unread> {
        self.at += 1;
        let such_that = matches!(self.ahead(1), Some(Token::Bar | Token::Colon));
        let bounded = self.tokens[self.at..].iter().position(|token| matches!(token, Token::Bar | Token::Colon));
        let in_reals = matches!(self.ahead(1), Some(Token::Relation(Relation::In)));
        if matches!(self.peek(), Some(Token::Name(_))) && (such_that || in_reals && bounded.is_some()) {
            self.at += bounded.unwrap_or(1) + 1;
            let form = self.list()?;
            return if matches!(self.peek(), Some(Token::Close('}' | 's'))) {
                self.at += 1;
                Ok(form)
            } else {
                Err(self.stuck())
            };
        }
        let items = self.items()?;
        if !matches!(self.peek(), Some(Token::Close('}' | 's'))) {
            return Err(self.stuck());
        }
        self.at += 1;
        Ok(Form::Set(items))
    }

    fn matrix(&mut self) -> Result<Form, Unread> {
        self.at += 1;
        let mut rows = vec![Vec::new()];
        loop {
            let entry = self.sum()?;
            if let Some(row) = rows.last_mut() {
                row.push(entry);
            }
            match self.peek() {
                Some(Token::Ampersand) => self.at += 1,
                Some(Token::Row) => {
                    self.at += 1;
                    if self.peek() != Some(&Token::End) {
                        rows.push(Vec::new());
                    }
                }
                _ => {}
            }
            if self.eat(&Token::End) {
                break;
            }
            if !matches!(self.tokens.get(self.at - 1), Some(Token::Ampersand | Token::Row)) {
                return Err(self.stuck());
            }
        }
        let width = rows[0].len();
        if rows.iter().all(|row| row.len() == width) { Ok(Form::Matrix(rows)) } else { Err(Unread::Malformed) }
    }

    /// An expression with its unit: a currency before it, words and signs after it.
    fn measured(&mut self) -> Result<Form, Unread> {
        let negative = self.peek() == Some(&Token::Minus) && matches!(self.ahead(1), Some(Token::Sign(_)));
        self.at += usize::from(negative);
        let mut unit = None;
        if let Some(Token::Sign(sign)) = self.peek() {
            self.at += 1;
            unit = Some(Unit::of(sign));
        }
        let mut value = self.sum()?;
        if negative {
            value = value.negative();
        }
        let mut divides = false;
        while let Some(part) = self.unit(&mut divides)? {
            let before = unit.take();
            // "$5 dollars" and "5 % percent" say it twice
            unit = Some(match before {
                Some(before) if before == part => before,
                Some(before) => before.times(part),
                None => part,
            });
        }
        Ok(Form::Value(value, unit))
    }

    /// The next part of a unit.
    fn unit(&mut self, divides: &mut bool) -> Result<Option<Unit>, Unread> {
        if self.peek() == Some(&Token::Slash) {
            match self.ahead(1) {
                Some(Token::Word(_)) => self.at += 1,
                Some(Token::Name(letter)) if crate::unit::known(letter).is_some() => {
                    self.at += 2;
                    *divides = true;
                    return Ok(Some(Unit::of(letter).power(-1)));
                }
                _ => return Ok(None),
            }
            *divides = true;
        }
        let mut power = 1;
        let part = match self.peek() {
            Some(Token::Sign("degree")) => {
                self.at += 1;
                match self.peek() {
                    Some(Token::Name(scale)) if scale == "C" || scale == "F" => {
                        self.at += 1;
                        Unit::of(if scale == "C" { "celsius" } else { "fahrenheit" })
                    }
                    _ => Unit::of("degree"),
                }
            }
            Some(Token::Sign(sign)) => {
                self.at += 1;
                Unit::of(sign)
            }
            Some(Token::Word(word)) => {
                self.at += 1;
                match (word.to_lowercase().as_str(), self.peek()) {
                    ("per" | "a" | "an", Some(Token::Word(_))) => {
                        *divides |= word == "per";
                        return self.unit(divides);
                    }
                    ("of" | "the", _) => return Ok(Some(Unit::none())),
                    ("square" | "sq" | "cubic", Some(Token::Word(next))) => {
                        power = if word.eq_ignore_ascii_case("cubic") { 3 } else { 2 };
                        self.at += 1;
                        Unit::of(next)
                    }
                    ("degrees" | "degree", Some(Token::Word(scale))) if Unit::of(scale).words.is_empty() => {
                        self.at += 1;
                        Unit::of(scale)
                    }
                    _ => Unit::of(word),
                }
            }
            _ => return Ok(None),
        };
        if self.eat(&Token::Caret) {
            let exponent = match self.sum()? {
                Expr::Number(exponent) => exponent,
                Expr::Negative(exponent) => match *exponent {
                    Expr::Number(exponent) => -exponent,
                    _ => return Err(Unread::Malformed),
                },
                _ => return Err(Unread::Malformed),
            };
            let exponent = exponent.to_integer().to_i32().filter(|_| exponent.is_integer());
            power = exponent.filter(|power| power.abs() <= 9).ok_or(Unread::Malformed)?;
        }
        Ok(Some(part.power(if *divides { -power } else { power })))
    }
}
