//! Text and LaTeX cut into tokens; what only lays out a formula is dropped here.

use super::letters::{self, PLAIN, command};
use super::token::Token;
use crate::tree::{Function, Relation};
use crate::unit;

/// Commands whose argument is text.
const TEXTS: [&str; 13] = [
    "text",
    "mathrm",
    "textbf",
    "textit",
    "mbox",
    "textrm",
    "hbox",
    "operatorname",
    "textnormal",
    "si",
    "unit",
    "textsf",
    "mathsf",
];

/// The tokens of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let mut cut = Cutter { letters: &letters, at: 0, found: Vec::new(), text_depth: Vec::new(), depth: 0 };
    while cut.at < letters.len() {
        cut.next();
    }
    cut.found
}

pub(super) struct Cutter<'a> {
    pub(super) letters: &'a [char],
    pub(super) at: usize,
    pub(super) found: Vec<Token>,
    /// Depths of the braces inside which letters are words.
    pub(super) text_depth: Vec<usize>,
    pub(super) depth: usize,
}

impl Cutter<'_> {
    pub(super) fn peek(&self, ahead: usize) -> char {
        self.letters.get(self.at + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn push(&mut self, token: Token) {
        self.found.push(token);
    }

    fn next(&mut self) {
        let letter = self.peek(0);
        if letter == '\\' {
            return self.command();
        }
        if letter.is_ascii_digit() || letter == '.' && (self.peek(1).is_ascii_digit() || self.repeats(1)) {
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
            // a quotation mark, unless it stands after a numeral and none was opened
            '"' if self.at > 1
                && self.letters[self.at - 2].is_ascii_digit()
                && !self.letters[..self.at - 1].contains(&'"') =>
            {
                self.found.extend([Token::Prime, Token::Prime]);
            }
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

    /// Letters of plain text: a function, a connective, a unit or noun, or variables side by side.
    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_alphabetic() && !PLAIN.iter().any(|(sign, _)| *sign == self.peek(0)) {
            self.at += 1;
        }
        let word: String = self.letters[start..self.at].iter().collect();
        let behind: String = self.letters[self.at..].iter().skip_while(|letter| **letter == ' ').take(1).collect();
        if matches!(word.as_str(), "x" | "X")
            && matches!(self.found.last(), Some(Token::Number(_)))
            && behind.starts_with(|letter: char| letter.is_ascii_digit())
        {
            return self.push(Token::Times);
        }
        // "log2(8)": a base
        if word.eq_ignore_ascii_case("log") && self.peek(0).is_ascii_digit() {
            let digits = self.letters[self.at..].iter().take_while(|letter| letter.is_ascii_digit()).count();
            if matches!(self.peek(digits), '(' | ' ' | '{') {
                return self.found.extend([Token::Function(Function::Log), Token::Underscore]);
            }
        }
        if self.is_differential(&word) {
            return self.push(Token::Name(word));
        }
        let in_text = !self.text_depth.is_empty();
        let ends = matches!(self.peek(0), '\0' | '^' | ')' | '}' | ',') || self.peek(0) == '.' && self.peek(1) == '\0';
        let after_unit = matches!(
            self.found.as_slice(),
            [.., Token::Word(_)] | [.., Token::Word(_), Token::Slash | Token::Times | Token::Minus]
        );
        let inches = word == "in" && ends && self.after_value();
        let squares = matches!(self.found.last(), Some(Token::Word(before)) if matches!(before.as_str(), "sq" | "square" | "cubic" | "cu"));
        let long = word.chars().count() > 1;
        let unit =
            word != "in" && self.after_value() && unit::known(&word).is_some() && (long || in_text || after_unit);
        if inches || squares || unit {
            return self.push(Token::Word(word));
        }
        self.found.extend(letters::word(&word, in_text));
    }

    /// A backslash and what it names.
    pub(super) fn command(&mut self) {
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
        if self.after_value() && self.metric_command(&name) {
            return;
        }
        match name.as_str() {
            "begin" | "end" => self.environment(name == "begin"),
            "mathbb" | "mathbf" | "mathcal" if self.is_reals() => self.found.push(Token::Reals),
            "left" | "right" if self.peek(0) == '.' => self.at += 1,
            "hspace" | "vspace" | "phantom" | "color" | "textcolor" if self.peek(0) == '{' => self.pass('}'),
            // `\\\\[2pt]`: the distance to the next row
            "\\" if self.is_distance() => {
                self.pass(']');
                self.found.push(Token::Row);
            }
            name => self.found.extend(command(name)),
        }
    }

    /// Goes past what is laid out, up to a bracket.
    fn pass(&mut self, close: char) {
        while !matches!(self.peek(0), '\0') && self.peek(0) != close {
            self.at += 1;
        }
        self.at += 1;
    }

    fn is_distance(&self) -> bool {
        let rest: String = self.letters[self.at..].iter().take(12).collect();
        let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        inside.is_some_and(|(length, _)| ["pt", "ex", "em", "mm", "cm"].iter().any(|unit| length.ends_with(unit)))
    }

    /// Whether an R follows, in braces or not; it is passed over if so.
    fn is_reals(&mut self) -> bool {
        let blanks = self.letters[self.at..].iter().take_while(|letter| **letter == ' ').count();
        let rest: String = self.letters[self.at + blanks..].iter().take(3).collect();
        let length = if rest == "{R}" { 3 } else { usize::from(rest.starts_with('R')) };
        if length > 0 {
            self.at += blanks + length;
        }
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
