//! What stands around expressions: lists, relations, brackets with commas, matrices.

use super::token::Token;
use super::{Parser, Unread};
use crate::tree::{Expr, Form, Join, Relation};

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
        let form = self.related()?;
        // `3 \pmod 7`, `3 (mod 7)`
        let bracketed = self.peek() == Some(&Token::Open('(')) && self.ahead(1) == Some(&Token::Mod);
        if !bracketed && self.peek() != Some(&Token::Modulus) {
            return Ok(form);
        }
        self.at += 1 + usize::from(bracketed);
        let modulus = if bracketed { self.sum()? } else { self.argument()? };
        if bracketed {
            self.expect(&Token::Close(')'))?;
        }
        Ok(Form::Modular(Box::new(form), modulus))
    }

    fn related(&mut self) -> Result<Form, Unread> {
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
        if let Some(interval) = self.outward() {
            return self.deeper(|_| interval);
        }
        // `A(1, 2)`: a point's name
        if matches!(self.peek(), Some(Token::Name(name)) if name.chars().all(char::is_uppercase))
            && self.ahead(1) == Some(&Token::Open('('))
        {
            self.at += 1;
            match self.closing() {
                Some((close, true)) if self.ends(close) => {}
                _ => self.at -= 1,
            }
        }
        let form = self.bracketed()?;
        if matches!(form, Form::Row { .. } | Form::Matrix(_)) && self.is_transposed() {
            return turned(&form).ok_or(Unread::Malformed);
        }
        match (form, self.peek()) {
            (Form::Value(factor, None), Some(Token::Begin)) => match self.deeper(Self::matrix)? {
                Form::Matrix(rows) => {
                    let times = |entry: Expr| Expr::Product(vec![factor.clone(), entry]);
                    Ok(Form::Matrix(rows.into_iter().map(|row| row.into_iter().map(times).collect()).collect()))
                }
                _ => Err(Unread::Malformed),
            },
            (form, _) => Ok(form),
        }
    }

    /// `^T` and `^{\top}`; passed over if it stands here.
    fn is_transposed(&mut self) -> bool {
        let name = |token: Option<&Token>| matches!(token, Some(Token::Name(name) | Token::Word(name)) if name == "T");
        let length = match (self.peek(), self.ahead(1)) {
            (Some(Token::Caret), next) if name(next) => 2,
            (Some(Token::Caret), Some(Token::Open('{')))
                if name(self.ahead(2)) && self.ahead(3) == Some(&Token::Close('}')) =>
            {
                4
            }
            _ => 0,
        };
        self.at += length;
        length > 0
    }

    /// `]0, 1[` and `[0, 1[`: square brackets that turn outward where an end does not belong to the
    /// interval.
    fn outward(&mut self) -> Option<Result<Form, Unread>> {
        let start = self.at;
        let open = match self.peek()? {
            Token::Close(']') => '(',
            Token::Open('[') => '[',
            _ => return None,
        };
        self.at += 1;
        let items = self.items();
        let close = match self.peek() {
            Some(Token::Open('[')) => Some(')'),
            Some(Token::Close(']')) if open == '(' => Some(']'),
            _ => None,
        };
        match (items, close) {
            (Ok(items), Some(close)) if items.len() > 1 => {
                self.at += 1;
                Some(Ok(Form::Row { open, close, items }))
            }
            _ => {
                self.at = start;
                None
            }
        }
    }

    /// `{x | …`
    fn is_set_builder(&self) -> bool {
        matches!((self.ahead(1), self.ahead(2)), (Some(Token::Name(_)), Some(Token::Bar | Token::Colon)))
    }

    fn bracketed(&mut self) -> Result<Form, Unread> {
        match self.peek() {
            Some(Token::Begin) => self.deeper(Self::matrix),
            Some(Token::Open(open @ ('{' | 's'))) => match self.closing() {
                Some((close, true)) if self.ends(close) => self.deeper(|parser| parser.set()),
                Some((close, false))
                    if self.ends(close) && (*open == 's' || close == self.at + 1 || self.is_set_builder()) =>
                {
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
        let exponent = self.tokens.get(close + 2..).unwrap_or_default();
        if matches!(exponent, [Token::Name(name) | Token::Word(name), ..] | [Token::Open('{'), Token::Name(name) | Token::Word(name), ..] if name == "T")
        {
            return true;
        }
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
            let Some(Token::Name(name)) = self.peek() else { return Err(self.stuck()) };
            self.at += bounded.unwrap_or(1) + 1;
            let form = self.list()?;
            return if matches!(self.peek(), Some(Token::Close('}' | 's'))) {
                self.at += 1;
                // what it is called inside the braces is nobody's concern outside
                Ok(form.renamed(name, "_"))
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
}

/// A row as a column, a matrix along its diagonal.
fn turned(form: &Form) -> Option<Form> {
    match form {
        Form::Row { items, .. } => {
            let entries = items.iter().map(|item| item.plain().cloned().map(|entry| vec![entry]));
            entries.collect::<Option<Vec<_>>>().map(Form::Matrix)
        }
        Form::Matrix(rows) => {
            let column = |place: usize| rows.iter().map(|row| row[place].clone()).collect();
            Some(Form::Matrix((0..rows[0].len()).map(column).collect()))
        }
        _ => None,
    }
}
