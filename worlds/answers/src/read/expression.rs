//! Expressions: sums of products of powers, by recursive descent.
//!
//! A parser of its own, because what people write is no language of a grammar: a fraction after a
//! whole number is added to it (`3\frac12`), a name after a name multiplies it, `\sin 2x` takes
//! all of `2x` but `\sin(2) x` only the bracket, `\frac12` has one digit in each place, and a bar
//! opens or closes depending on how many are open. Each of these is a rule in the function that
//! meets it. What no rule covers is refused with a doubt, so that the verdict is unsettled: a wrong
//! tree would be a wrong verdict. Depth is counted ([`Parser::deeper`]), since the text comes from
//! a model and may nest without end.

use num_rational::BigRational;

use super::token::Token;
use super::{Parser, Unread};
use crate::tree::{Constant, Expr, Function};

impl Parser<'_> {
    /// Terms added and subtracted.
    pub(super) fn sum(&mut self) -> Result<Expr, Unread> {
        self.deeper(|parser| {
            let mut terms = vec![parser.product()?];
            loop {
                match parser.peek() {
                    Some(Token::Plus) => {
                        parser.at += 1;
                        terms.push(parser.product()?);
                    }
                    Some(Token::Minus) => {
                        parser.at += 1;
                        terms.push(parser.product()?.negative());
                    }
                    Some(Token::Either(sign)) => {
                        parser.at += 1;
                        terms.push(Expr::Either(*sign, Box::new(parser.product()?)));
                    }
                    _ => break,
                }
            }
            Ok(if terms.len() == 1 { terms.swap_remove(0) } else { Expr::Sum(terms) })
        })
    }

    /// Factors multiplied, by a sign or side by side, and divided, from the left.
    fn product(&mut self) -> Result<Expr, Unread> {
        let mut factors = vec![self.signed()?];
        loop {
            match self.peek() {
                Some(Token::Times) => {
                    self.at += 1;
                    factors.push(self.signed()?);
                }
                Some(Token::Slash) if !matches!(self.ahead(1), Some(Token::Word(_))) => {
                    self.at += 1;
                    let left = if factors.len() == 1 { factors.swap_remove(0) } else { Expr::Product(factors) };
                    factors = vec![Expr::Quotient(Box::new(left), Box::new(self.signed()?))];
                    if factors.iter().any(too_long_a_chain) {
                        return Err(Unread::Doubt(crate::judgement::Doubt::TooDeep));
                    }
                }
                Some(Token::Mod) => {
                    self.at += 1;
                    let left = if factors.len() == 1 { factors.swap_remove(0) } else { Expr::Product(factors) };
                    factors = vec![Expr::Call(Function::Remainder, vec![left, self.signed()?])];
                }
                // sets and events: an operation whose laws are not used, but for the order of what it joins
                Some(Token::Cap) => {
                    self.at += 1;
                    factors.push(Expr::Variable("\\cap".to_owned()));
                    factors.push(self.signed()?);
                }
                Some(token) if self.begins_factor(token) => factors.push(self.power()?),
                _ => break,
            }
        }
        Ok(if factors.len() == 1 { factors.swap_remove(0) } else { Expr::Product(factors) })
    }

    /// Whether a token begins a factor that stands beside another without a sign.
    fn begins_factor(&self, token: &Token) -> bool {
        match token {
            Token::Name(_) | Token::Constant(_) | Token::Function(_) | Token::Mark(_) => true,
            // `5 \frac{\text{m}}{\text{s}}` is a unit
            Token::Fraction => !matches!(self.ahead(2), Some(Token::Word(_))),
            Token::Sqrt | Token::Binomial => true,
            // `3 \,(\mathrm{mod}\ 7)`
            Token::Open('(') if self.ahead(1) == Some(&Token::Mod) => false,
            Token::Open(open) => *open != '<' && !(*open == '[' && self.closing().is_none_or(|found| found.1)),
            Token::Bar => self.in_bars == 0 && !matches!(self.tokens.get(self.at.wrapping_sub(1)), Some(Token::Bar)),
            _ => false,
        }
    }

    fn signed(&mut self) -> Result<Expr, Unread> {
        match self.peek() {
            Some(Token::Minus) => {
                self.at += 1;
                Ok(self.deeper(Self::signed)?.negative())
            }
            Some(Token::Plus) => {
                self.at += 1;
                self.deeper(Self::signed)
            }
            Some(Token::Either(sign)) => {
                self.at += 1;
                Ok(Expr::Either(*sign, Box::new(self.deeper(Self::signed)?)))
            }
            Some(Token::Not) => {
                self.at += 1;
                let denied = self.deeper(Self::signed)?;
                Ok(Expr::Product(vec![Expr::Variable("\\neg".to_owned()), denied]))
            }
            _ => self.power(),
        }
    }

    /// A factor with its factorials and its exponent.
    fn power(&mut self) -> Result<Expr, Unread> {
        let mut base = self.primary()?;
        if let Expr::Variable(name) = &mut base {
            while self.eat(&Token::Prime) {
                name.push('\'');
            }
        }
        let mut bangs = 0;
        if self.peek() == Some(&Token::Bang) && self.ahead(1) == Some(&Token::Bang) {
            self.at += 2;
            base = Expr::Call(Function::DoubleFactorial, vec![base]);
        }
        while self.eat(&Token::Bang) {
            bangs += 1;
            if bangs > 3 {
                return Err(Unread::Malformed);
            }
            base = Expr::Call(Function::Factorial, vec![base]);
        }
        if !self.eat(&Token::Caret) {
            return Ok(base);
        }
        let exponent = self.exponent()?;
        Ok(Expr::Power(Box::new(base), Box::new(exponent)))
    }

    pub(super) fn exponent(&mut self) -> Result<Expr, Unread> {
        self.deeper(|parser| {
            if parser.eat(&Token::Minus) {
                return Ok(parser.exponent()?.negative());
            }
            parser.eat(&Token::Plus);
            parser.power()
        })
    }

    fn primary(&mut self) -> Result<Expr, Unread> {
        let token = self.peek().ok_or(Unread::Malformed)?;
        self.at += 1;
        match token {
            Token::Number(value) => self.number(value),
            Token::Name(name) => self.subscripted(name),
            Token::Constant(Constant::E) if self.peek() == Some(&Token::Underscore) => self.subscripted("e"),
            Token::Constant(constant) => Ok(Expr::Constant(*constant)),
            Token::Function(function) => self.call(*function),
            Token::Fraction => {
                let top = self.argument()?;
                Ok(Expr::Quotient(Box::new(top), Box::new(self.argument()?)))
            }
            Token::Binomial => {
                let top = self.argument()?;
                Ok(Expr::Call(Function::Binomial, vec![top, self.argument()?]))
            }
            Token::Sqrt => {
                let degree = if self.eat(&Token::Open('[')) {
                    let degree = self.sum()?;
                    self.expect(&Token::Close(']'))?;
                    degree
                } else {
                    Expr::integer(2)
                };
                let radicand = self.argument()?;
                Ok(Expr::Call(Function::Root, vec![degree, radicand]))
            }
            Token::Open(open) => self.group(*open),
            Token::Mark(mark) => self.marked(mark),
            Token::Bar => {
                self.in_bars += 1;
                let inside = self.sum();
                self.in_bars -= 1;
                let inside = inside?;
                self.expect(&Token::Bar)?;
                Ok(Expr::Call(Function::Abs, vec![inside]))
            }
            _ => {
                self.at -= 1;
                Err(self.stuck())
            }
        }
    }

    /// A numeral; before a fraction of numerals it is a mixed number, as in `1 1/2` and `3\frac12`.
    fn number(&mut self, value: &BigRational) -> Result<Expr, Unread> {
        let number = Expr::Number(value.clone());
        let is_integer = |place| matches!(self.ahead(place), Some(Token::Number(value)) if value.is_integer());
        let plain = is_integer(0) && self.ahead(1) == Some(&Token::Slash) && is_integer(2);
        let braced = |from| {
            self.ahead(from) == Some(&Token::Open('{'))
                && is_integer(from + 1)
                && self.ahead(from + 2) == Some(&Token::Close('}'))
        };
        let latex =
            self.peek() == Some(&Token::Fraction) && (braced(1) && (braced(4) || is_integer(4)) || is_integer(1));
        if !value.is_integer() || !(plain || latex) {
            return Ok(number);
        }
        if plain {
            let part = [self.primary()?, {
                self.at += 1;
                self.primary()?
            }];
            let [top, bottom] = part.map(Box::new);
            return Ok(Expr::Sum(vec![number, Expr::Quotient(top, bottom)]));
        }
        Ok(Expr::Sum(vec![number, self.primary()?]))
    }

    fn subscripted(&mut self, name: &str) -> Result<Expr, Unread> {
        if !self.eat(&Token::Underscore) {
            return Ok(Expr::Variable(name.to_owned()));
        }
        let braced = self.eat(&Token::Open('{'));
        let mut subscript = String::new();
        while let Some(token) = self.peek() {
            match token {
                Token::Number(value) => subscript += &value.to_string(),
                Token::Name(name) | Token::Word(name) => subscript += name,
                Token::Constant(constant) => subscript += &format!("{constant:?}"),
                Token::Comma if braced => subscript.push(','),
                Token::Plus if braced => subscript.push('+'),
                Token::Minus if braced => subscript.push('-'),
                _ => break,
            }
            self.at += 1;
            if !braced {
                break;
            }
        }
        if subscript.is_empty() || braced && !self.eat(&Token::Close('}')) {
            return Err(Unread::Malformed);
        }
        Ok(Expr::Variable(format!("{name}_{subscript}")))
    }

    /// What a command of LaTeX is applied to: braces, or the next thing; of a numeral there, the
    /// next digit.
    pub(super) fn argument(&mut self) -> Result<Expr, Unread> {
        let Some(Token::Number(value)) = self.peek() else {
            return self.deeper(Self::primary);
        };
        self.at += 1;
        Ok(Expr::Number(value.clone()))
    }

    /// An expression in brackets.
    fn group(&mut self, open: char) -> Result<Expr, Unread> {
        let (bars, inside) = (std::mem::take(&mut self.in_bars), self.sum());
        self.in_bars = bars;
        let mut inside = inside?;
        if open == '{' && self.eat(&Token::Choose) {
            inside = Expr::Call(Function::Binomial, vec![inside, self.sum()?]);
        }
        if open == '{' && self.eat(&Token::Over) {
            inside = Expr::Quotient(Box::new(inside), Box::new(self.sum()?));
        }
        // `\sin(30^\circ)`
        if self.in_function > 0 && self.peek() == Some(&Token::Sign("degree")) {
            self.at += 1;
            inside = of_degrees(inside);
        }
        let (close, function) = match open {
            '(' => (')', None),
            '[' => (']', None),
            '{' => ('}', None),
            's' => ('s', None),
            'f' => ('f', Some(Function::Floor)),
            'c' => ('c', Some(Function::Ceil)),
            _ => return Err(Unread::Malformed),
        };
        self.expect(&Token::Close(close))?;
        Ok(match function {
            Some(function) => Expr::Call(function, vec![inside]),
            None => inside,
        })
    }

    /// A letter with a mark over it is another letter; of a complex number a bar makes the
    /// conjugate.
    fn marked(&mut self, mark: &str) -> Result<Expr, Unread> {
        let inside = self.deeper(Self::primary)?;
        if mark == "bar" && inside.any(&|part| *part == Expr::Constant(Constant::I)) && inside.variables().is_empty() {
            return Ok(inside.conjugate());
        }
        match &inside {
            // the unit vectors are written with and without it
            Expr::Constant(Constant::I) if mark == "hat" => Ok(inside),
            Expr::Variable(name) if mark == "hat" && matches!(name.as_str(), "j" | "k") => Ok(inside),
            Expr::Variable(name) => Ok(Expr::Variable(format!("{mark}({name})"))),
            Expr::Product(factors) if factors.iter().all(|factor| matches!(factor, Expr::Variable(_))) => {
                Ok(Expr::Variable(format!("{mark}({})", inside.variables().concat())))
            }
            _ => Err(Unread::Doubt(crate::judgement::Doubt::Unsupported)),
        }
    }

    /// The arguments of a function of several: `(2, 5)`, `\{2, 5\}`.
    fn arguments(&mut self) -> Result<Vec<Expr>, Unread> {
        let Some(Token::Open(open @ ('(' | '{' | 's' | '['))) = self.peek() else {
            return Err(Unread::Doubt(crate::judgement::Doubt::Unsupported));
        };
        // `\max(\{2, 5\})`
        if let (Some(Token::Open('s')), '(' | '{') = (self.ahead(1), open) {
            self.at += 1;
            let inner = self.deeper(Self::arguments)?;
            self.expect(&Token::Close(if *open == '(' { ')' } else { '}' }))?;
            return Ok(inner);
        }
        self.at += 1;
        let mut found = vec![self.sum()?];
        while self.eat(&Token::Comma) {
            found.push(self.sum()?);
        }
        let close = match open {
            '(' => ')',
            '[' => ']',
            's' => 's',
            _ => '}',
        };
        self.expect(&Token::Close(close))?;
        Ok(found)
    }

    /// A function's exponent, base and argument: `\sin^2 x`, `\log_2(8)`.
    fn call(&mut self, function: Function) -> Result<Expr, Unread> {
        if matches!(function, Function::Gcd | Function::Lcm | Function::Max | Function::Min) {
            return Ok(Expr::Call(function, self.arguments()?));
        }
        self.deeper(|parser| {
            let mut base = None;
            let mut exponent = None;
            loop {
                if function == Function::Log && base.is_none() && parser.eat(&Token::Underscore) {
                    base = Some(parser.argument()?);
                } else if exponent.is_none() && parser.eat(&Token::Caret) {
                    exponent = Some(parser.exponent()?);
                } else {
                    break;
                }
            }
            parser.in_function += 1;
            let argument = parser.applied();
            parser.in_function -= 1;
            let argument = argument?;
            if function == Function::Cis {
                let sine = Expr::Call(Function::Sin, vec![argument.clone()]);
                let imaginary = Expr::Product(vec![Expr::Constant(Constant::I), sine]);
                return Ok(Expr::Sum(vec![Expr::Call(Function::Cos, vec![argument]), imaginary]));
            }
            let (function, exponent) = inverse(function, exponent);
            let call = match function {
                Function::Log => Expr::Call(function, vec![base.unwrap_or(Expr::integer(10)), argument]),
                Function::Root => Expr::Call(function, vec![Expr::integer(3), argument]),
                function => Expr::Call(function, vec![argument]),
            };
            Ok(match exponent {
                Some(exponent) => Expr::Power(Box::new(call), Box::new(exponent)),
                None => call,
            })
        })
    }

    /// What a function is applied to: brackets, or factors side by side up to the next function.
    fn applied(&mut self) -> Result<Expr, Unread> {
        if matches!(self.peek(), Some(Token::Minus)) {
            return self.signed();
        }
        let bracketed = matches!(self.peek(), Some(Token::Open(_)));
        let mut factors = vec![if bracketed { self.primary()? } else { self.power()? }];
        loop {
            match self.peek() {
                Some(token @ (Token::Name(_) | Token::Constant(_) | Token::Fraction | Token::Sqrt))
                    if !bracketed && self.begins_factor(token) =>
                {
                    factors.push(self.power()?);
                }
                Some(Token::Slash)
                    if !bracketed && matches!(self.ahead(1), Some(Token::Number(_) | Token::Name(_))) =>
                {
                    self.at += 1;
                    let top = Expr::Product(std::mem::take(&mut factors));
                    factors.push(Expr::Quotient(Box::new(top), Box::new(self.power()?)));
                    break;
                }
                _ => break,
            }
        }
        // `sin 60°`: an angle in degrees
        let argument = if factors.len() == 1 { factors.swap_remove(0) } else { Expr::Product(factors) };
        if matches!(function_sign(self.peek()), Some("degree")) {
            self.at += 1;
            return Ok(of_degrees(argument));
        }
        Ok(argument)
    }
}

/// An angle in radians that is given in degrees.
fn of_degrees(angle: Expr) -> Expr {
    let turn = Expr::Quotient(Box::new(Expr::Constant(Constant::Pi)), Box::new(Expr::integer(180)));
    Expr::Product(vec![angle, turn])
}

fn function_sign(token: Option<&Token>) -> Option<&'static str> {
    match token {
        Some(Token::Sign(sign)) => Some(sign),
        _ => None,
    }
}

/// `\sin^{-1}` is the inverse function, by convention.
fn inverse(function: Function, exponent: Option<Expr>) -> (Function, Option<Expr>) {
    let is_minus_one = exponent.as_ref() == Some(&Expr::integer(1).negative());
    match function {
        Function::Sin if is_minus_one => (Function::Arcsin, None),
        Function::Cos if is_minus_one => (Function::Arccos, None),
        Function::Tan if is_minus_one => (Function::Arctan, None),
        function => (function, exponent),
    }
}

/// Whether quotients of quotients go on for too long to be walked.
fn too_long_a_chain(expr: &Expr) -> bool {
    let mut expr = expr;
    for _ in 0..super::DEEPEST {
        match expr {
            Expr::Quotient(left, _) => expr = left,
            Expr::Product(factors) if !factors.is_empty() => expr = &factors[0],
            _ => return false,
        }
    }
    true
}
