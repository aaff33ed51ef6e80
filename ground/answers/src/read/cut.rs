//! Text and LaTeX cut into tokens; what only lays out a formula is dropped here.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::letters::{self, PLAIN};
use super::token::Token;
use crate::tree::Relation;

/// The tokens of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let mut cut = Cutter { letters: &letters, at: 0, found: Vec::new(), text_depth: Vec::new(), depth: 0 };
    while cut.at < letters.len() {
        cut.next();
    }
    cut.found
}

/// Commands whose argument is text.
const TEXTS: [&str; 9] = ["text", "mathrm", "textbf", "textit", "mbox", "textrm", "hbox", "operatorname", "textnormal"];

struct Cutter<'a> {
    letters: &'a [char],
    at: usize,
    found: Vec<Token>,
    /// Depths of the braces inside which letters are words.
    text_depth: Vec<usize>,
    depth: usize,
}

impl Cutter<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.letters.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn push(&mut self, token: Token) {
        self.found.push(token);
    }

    fn next(&mut self) {
        let letter = self.peek(0);
        if letter == '\\' {
            return self.command();
        }
        if letter.is_ascii_digit() || letter == '.' && self.peek(1).is_ascii_digit() {
            return self.number();
        }
        if letter.is_alphabetic() && !PLAIN.iter().any(|(sign, _)| *sign == letter) {
            return self.word();
        }
        self.at += 1;
        match letter {
            '{' if self.text_depth.last() == Some(&(self.depth + 1)) => self.depth += 1,
            '{' => {
                self.depth += 1;
                self.push(Token::Open('{'));
            }
            '}' if self.text_depth.last() == Some(&self.depth) => {
                self.text_depth.pop();
                self.depth = self.depth.saturating_sub(1);
            }
            '}' => {
                self.depth = self.depth.saturating_sub(1);
                self.push(Token::Close('}'));
            }
            '$' if self.peek(0).is_ascii_digit() || self.peek(0) == '.' => self.push(Token::Sign("dollar")),
            '^' if self.is_degree() => self.push(Token::Sign("degree")),
            '<' | '>' | '!' | '=' if self.peek(0) == '=' => {
                self.at += 1;
                self.push(Token::Relation(match letter {
                    '<' => Relation::LessEqual,
                    '>' => Relation::GreaterEqual,
                    '!' => Relation::NotEqual,
                    _ => Relation::Equal,
                }));
            }
            '*' if self.peek(0) == '*' => {
                self.at += 1;
                self.push(Token::Caret);
            }
            '+' if self.peek(0) == '-' || self.peek(0) == '/' && self.peek(1) == '-' => {
                self.at += if self.peek(0) == '-' { 1 } else { 2 };
                self.push(Token::Either(true));
            }
            letter => self.found.extend(letters::sign(letter)),
        }
    }

    /// Whether `\circ` follows a caret; it is passed over if so.
    fn is_degree(&mut self) -> bool {
        let rest: String = self.letters[self.at..].iter().take(12).filter(|letter| !letter.is_whitespace()).collect();
        let Some(form) =
            ["\\circ", "{\\circ}", "\\degree", "{\\degree}", "°"].iter().find(|form| rest.starts_with(**form))
        else {
            return false;
        };
        let mut left = form.chars().count();
        while left > 0 {
            left -= usize::from(!self.peek(0).is_whitespace());
            self.at += 1;
        }
        true
    }

    /// A numeral: digits, thousands separators outside brackets, a decimal part, an exponent after `e`.
    fn number(&mut self) {
        if self.takes_one_digit() {
            let digit = self.peek(0).to_digit(10).unwrap_or(0);
            self.at += 1;
            return self.push(Token::Number(BigRational::from_integer(digit.into())));
        }
        let mut digits = String::new();
        let mut places: Option<usize> = None;
        while self.at < self.letters.len() {
            let letter = self.peek(0);
            if letter.is_ascii_digit() {
                digits.push(letter);
                places = places.map(|places| places + 1);
                self.at += 1;
            } else if letter == '.' && places.is_none() && self.peek(1).is_ascii_digit() {
                places = Some(0);
                self.at += 1;
            } else if let Some(length) = self.separator(digits.len(), places) {
                self.at += length;
            } else {
                break;
            }
        }
        let ten = BigInt::from(10);
        let whole: BigInt = digits.parse().unwrap_or_default();
        let mut value = BigRational::new(whole, ten.pow(places.unwrap_or(0) as u32));
        let signed = usize::from(matches!(self.peek(1), '+' | '-'));
        if matches!(self.peek(0), 'e' | 'E') && self.peek(1 + signed).is_ascii_digit() {
            let power: String =
                self.letters[self.at + 1 + signed..].iter().take_while(|letter| letter.is_ascii_digit()).collect();
            if let Ok(exponent) = power.parse::<u32>()
                && exponent <= 400
            {
                let scale = ten.pow(exponent);
                value = if self.peek(1) == '-' { value / scale } else { value * scale };
                self.at += 1 + signed + power.len();
            }
        }
        self.push(Token::Number(value));
        self.unit_letter();
    }

    /// Whether a command without braces takes the next digit: `\\frac12` is a half.
    fn takes_one_digit(&self) -> bool {
        let command = |token: Option<&Token>| matches!(token, Some(Token::Fraction | Token::Binomial));
        match self.found.as_slice() {
            [.., before, Token::Number(_)] => command(Some(before)),
            found => command(found.last()),
        }
    }

    /// The length of a thousands separator that stands here: `,` outside brackets, `{,}`, `\,`, or a blank.
    fn separator(&self, digits: usize, places: Option<usize>) -> Option<usize> {
        let three = |ahead: usize| {
            (0..3).all(|place| self.peek(ahead + place).is_ascii_digit()) && !self.peek(ahead + 3).is_ascii_digit()
        };
        if digits == 0 || places.is_some() || self.found.last() == Some(&Token::Caret) {
            return None;
        }
        let starts = [",", "{,}", "\\,", "\\ ", " ", "\\!,", ",\\!", "\u{202f}", "\u{a0}"];
        let rest: String = self.letters[self.at..].iter().take(3).collect();
        let found = starts.into_iter().filter(|start| rest.starts_with(start) && three(start.chars().count()));
        let found = found.max_by_key(|start| start.len())?;
        let bare = matches!(found, "," | " ");
        let grouped = self.group_so_far() <= 3 && digits > 0;
        let brackets = self.found.iter().fold(0i32, |open, token| match token {
            Token::Open(_) => open + 1,
            Token::Close(_) => open - 1,
            _ => open,
        });
        (grouped && !(bare && brackets > 0)).then(|| found.chars().count())
    }

    /// How many digits stand just before this place.
    fn group_so_far(&self) -> usize {
        self.letters[..self.at].iter().rev().take_while(|letter| letter.is_ascii_digit()).count()
    }

    /// A single letter set off from a numeral at the end of a quantity is a unit: `5 m`, `3 g`.
    fn unit_letter(&mut self) {
        let blanks = self.letters[self.at..].iter().take_while(|letter| **letter == ' ').count();
        let (letter, after) = (self.peek(blanks), self.peek(blanks + 1));
        let ends = matches!(after, '\0' | '/' | '^' | '²' | '³' | '.');
        if blanks > 0 && ends && "mgsLN".contains(letter) && letter != '\0' {
            self.push(Token::Word(letter.to_string()));
            self.at += blanks + 1;
        }
    }

    /// Letters of plain text: a function, a connective, a unit or noun, or variables side by side.
    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_alphabetic() && !PLAIN.iter().any(|(sign, _)| *sign == self.peek(0)) {
            self.at += 1;
        }
        let word: String = self.letters[start..self.at].iter().collect();
        let in_text = !self.text_depth.is_empty();
        self.found.extend(letters::word(&word, in_text));
    }

    /// A backslash and what it names.
    fn command(&mut self) {
        self.at += 1;
        let start = self.at;
        while self.peek(0).is_ascii_alphabetic() {
            self.at += 1;
        }
        let end = if self.at == start { (start + 1).min(self.letters.len()) } else { self.at };
        self.at = end;
        let name: String = self.letters[start..end].iter().collect();
        if TEXTS.contains(&name.as_str()) {
            while self.peek(0) == ' ' {
                self.at += 1;
            }
            if self.peek(0) == '{' {
                self.text_depth.push(self.depth + 1);
            }
            return;
        }
        match name.as_str() {
            "begin" | "end" => self.environment(name == "begin"),
            "mathbb" | "mathbf" | "mathcal" if self.is_reals() => self.found.push(Token::Reals),
            "left" | "right" if self.peek(0) == '.' => self.at += 1,
            name => self.found.extend(letters::command(name)),
        }
    }

    /// Whether an R follows, in braces or not; it is passed over if so.
    fn is_reals(&mut self) -> bool {
        let rest: String = self.letters[self.at..].iter().take(3).collect();
        let length = if rest == "{R}" { 3 } else { usize::from(rest.starts_with('R')) };
        self.at += length;
        length > 0
    }

    /// `\begin{…}` or `\end{…}`: matrices are read, other environments are not.
    fn environment(&mut self, begins: bool) {
        let rest = &self.letters[self.at..];
        let name: String = rest.iter().skip(1).take_while(|letter| **letter != '}').take(20).collect();
        self.at += (name.chars().count() + 2).min(rest.len());
        if name == "array" && begins && self.peek(0) == '{' {
            while !matches!(self.peek(0), '}' | '\0') {
                self.at += 1;
            }
            self.at += 1;
        }
        let matrix = matches!(name.as_str(), "pmatrix" | "bmatrix" | "matrix" | "Bmatrix" | "smallmatrix" | "array");
        self.found.push(match (matrix, begins) {
            (false, _) => Token::Unsupported,
            (true, true) => Token::Begin,
            (true, false) => Token::End,
        });
    }
}
