//! Numerals: separators of thousands, decimal parts that repeat or go on, exponents.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::cut::Cutter;
use super::token::Token;

/// The largest exponent after an `e` that is written out.
const WRITTEN: u32 = 400;

impl Cutter<'_> {
    /// A numeral: digits, thousands separators outside brackets, a decimal part, an exponent after
    /// `e`.
    pub(super) fn number(&mut self) {
        if self.takes_one_digit() {
            let digit = self.peek(0).to_digit(10).unwrap_or(0);
            self.at += 1;
            return self.push(Token::Number(BigRational::from_integer(digit.into())));
        }
        if let Some(based) = self.prefixed() {
            return self.push(Token::Number(based.into()));
        }
        let (mut digits, mut places) = self.continental().unwrap_or_default();
        while digits.is_empty() || places.is_none() || self.peek(0).is_ascii_digit() {
            let letter = self.peek(0);
            if letter.is_ascii_digit() {
                digits.push(letter);
                places = places.map(|places| places + 1);
                self.at += 1;
            } else if letter == '.' && places.is_none() && (self.peek(1).is_ascii_digit() || self.repeats(1)) {
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
        if let Some(places) = places {
            match self.period(&digits[digits.len().saturating_sub(places)..]) {
                Some(Ok((period, shift))) => {
                    let nines = ten.pow(period.len() as u32) - 1;
                    let part = BigRational::new(period.parse().unwrap_or_default(), nines);
                    value += part / BigRational::from_integer(ten.pow((places + shift) as u32));
                }
                Some(Err(())) => return self.push(Token::Unsupported),
                None => {}
            }
        }
        self.exponent(value);
        self.unit_letter();
    }

    /// The exponent after an `e`; one that is too large to be written out stays a power.
    fn exponent(&mut self, value: BigRational) {
        let signed = usize::from(matches!(self.peek(1), '+' | '-'));
        if !matches!(self.peek(0), 'e' | 'E') || !self.peek(1 + signed).is_ascii_digit() {
            return self.push(Token::Number(value));
        }
        let letters = self.letters[self.at + 1 + signed..].iter();
        let power: String = letters.take_while(|letter| letter.is_ascii_digit()).take(20).collect();
        let negative = self.peek(1) == '-';
        self.at += 1 + signed + power.len();
        let ten = BigInt::from(10);
        match power.parse::<u32>() {
            Ok(exponent) if exponent <= WRITTEN => {
                let scale = ten.pow(exponent);
                self.push(Token::Number(if negative { value / scale } else { value * scale }));
            }
            _ => {
                let exponent: BigInt = power.parse().unwrap_or_default();
                let number = |value: BigInt| Token::Number(value.into());
                self.found.extend([Token::Number(value), Token::Times, number(ten), Token::Caret, Token::Open('{')]);
                self.found.extend(negative.then_some(Token::Minus));
                self.found.extend([number(exponent), Token::Close('}')]);
            }
        }
    }

    /// `0xFF`, `0b101`, `0o17`.
    fn prefixed(&mut self) -> Option<BigInt> {
        let base = match (self.peek(0), self.peek(1)) {
            ('0', 'x' | 'X') => 16,
            ('0', 'b' | 'B') => 2,
            ('0', 'o' | 'O') => 8,
            _ => return None,
        };
        let digits: String =
            self.letters[self.at + 2..].iter().take_while(|letter| letter.is_alphanumeric()).take(600).collect();
        let value = BigInt::parse_bytes(digits.as_bytes(), base)?;
        self.at += 2 + digits.chars().count();
        Some(value)
    }

    /// Digits as much of Europe writes them: points between thousands, a comma before decimals.
    /// Only where nothing else can be meant: two points, or a point and then a comma with other
    /// than three digits after it.
    fn continental(&mut self) -> Option<(String, Option<usize>)> {
        let rest: String = self.letters[self.at..]
            .iter()
            .take_while(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ','))
            .collect();
        let rest = rest.trim_end_matches(['.', ',']);
        let (whole, part) = rest.split_once(',').map_or((rest, None), |(whole, part)| (whole, Some(part)));
        let groups: Vec<&str> = whole.split('.').collect();
        let grouped = (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
        let is_part = |part: &str| !part.is_empty() && part.len() != 3 && !part.contains([',', '.']);
        let fits = match part {
            None => groups.len() > 2,
            Some(part) => groups.len() > 1 && is_part(part),
        };
        if !grouped || !fits {
            return None;
        }
        self.at += rest.chars().count();
        let digits = groups.concat() + part.unwrap_or("");
        Some((digits, Some(part.map_or(0, str::len))))
    }

    /// Whether digits that repeat begin this many letters ahead.
    pub(super) fn repeats(&self, ahead: usize) -> bool {
        let rest: String = self.letters[self.at + ahead..].iter().take(12).collect();
        let named = ["\\overline", "\\bar", "\\dot"].iter().any(|name| {
            rest.strip_prefix(name).is_some_and(|rest| {
                rest.trim_start_matches(['{', ' ']).starts_with(|letter: char| letter.is_ascii_digit())
            })
        });
        named || bracketed(&rest).is_some()
    }

    /// The digits after the decimals that repeat without end, and how many digits stand between
    /// the two. `None` if the numeral ends here; an error if it goes on, and nothing says how.
    fn period(&mut self, decimals: &str) -> Option<Result<(String, usize), ()>> {
        let rest: String = self.letters[self.at..].iter().take(200).collect();
        for name in ["\\overline", "\\bar"] {
            let Some(behind) = rest.strip_prefix(name) else { continue };
            let blanks = behind.len() - behind.trim_start().len();
            let behind = behind.trim_start();
            let (period, length) = match behind.strip_prefix('{') {
                Some(inside) => (inside.split('}').next().unwrap_or("").trim(), 2),
                None => (behind.get(..1).unwrap_or(""), 0),
            };
            if period.is_empty() || !period.bytes().all(|byte| byte.is_ascii_digit()) {
                return Some(Err(()));
            }
            self.at += name.len() + blanks + period.len() + length;
            return Some(Ok((period.to_owned(), 0)));
        }
        if rest.starts_with("\\dot") {
            let (period, length) = dotted(&rest)?;
            self.at += length;
            return Some(Ok((period, 0)));
        }
        if let Some(period) = bracketed(&rest) {
            self.at += period.len() + 2;
            return Some(Ok((period.to_owned(), 0)));
        }
        // a bar over each digit: the last of them have been read as decimals
        let dots = ["...", "…", "\\ldots", "\\dots", "\\cdots", "\\dotsc"]
            .into_iter()
            .filter(|dots| rest.starts_with(dots))
            .max_by_key(|dots| dots.len())?;
        self.at += dots.chars().count();
        if decimals.is_empty() {
            return None;
        }
        Some(repeated(decimals).map(|period| (period.to_owned(), 0)).ok_or(()))
    }

    /// Whether a command without braces takes the next digit: `\\frac12` is a half.
    fn takes_one_digit(&self) -> bool {
        let command = |token: Option<&Token>| matches!(token, Some(Token::Fraction | Token::Binomial));
        match self.found.as_slice() {
            [.., before, Token::Number(_)] => command(Some(before)),
            found => command(found.last()),
        }
    }

    /// The length of a thousands separator that stands here: `,` outside brackets, `{,}`, `\,`, or
    /// a blank.
    fn separator(&self, digits: usize, places: Option<usize>) -> Option<usize> {
        let three = |ahead: usize| {
            (0..3).all(|place| self.peek(ahead + place).is_ascii_digit()) && !self.peek(ahead + 3).is_ascii_digit()
        };
        if digits == 0 || places.is_some() || self.found.last() == Some(&Token::Caret) {
            return None;
        }
        let starts = [",", "{,}", "\\,", "\\ ", " ", "\\!,", ",\\!", "\u{202f}", "\u{a0}", "~", "_", "'", "’"];
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
}

/// `(3)` and nothing but digits in it.
fn bracketed(rest: &str) -> Option<&str> {
    let inside = rest.strip_prefix('(')?.split_once(')')?.0;
    (!inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit())).then_some(inside)
}

/// `\dot{1}\dot{2}` and `\dot{1}4\dot{2}`: dots over the first and the last digit that repeat.
fn dotted(rest: &str) -> Option<(String, usize)> {
    let digit = |rest: &str| -> Option<(char, usize)> {
        let behind = rest.strip_prefix("\\dot")?;
        let inner = behind.trim_start_matches(['{', ' ']);
        let letter = inner.chars().next().filter(char::is_ascii_digit)?;
        let closes = usize::from(behind.starts_with('{') && inner[1..].starts_with('}'));
        Some((letter, rest.len() - inner.len() + 1 + closes))
    };
    let (first, mut length) = digit(rest)?;
    let plain: String = rest[length..].chars().take_while(char::is_ascii_digit).collect();
    let mut period = first.to_string();
    if let Some((last, more)) = digit(&rest[length + plain.len()..]) {
        period += &plain;
        period.push(last);
        length += plain.len() + more;
    }
    Some((period, length))
}

/// The digits at the end of decimals that repeat: those that make up most of what is written, three
/// times or all of it; else one digit that stands there twice.
fn repeated(decimals: &str) -> Option<&str> {
    let period = |length: usize| &decimals[decimals.len() - length..];
    let times = |length: usize| {
        let chunks = decimals.as_bytes().rchunks(length);
        chunks.take_while(|chunk| *chunk == period(length).as_bytes()).count()
    };
    let fits = |length: &usize| times(*length) >= 3 || times(*length) == 2 && 2 * length == decimals.len();
    let longest =
        (1..=decimals.len() / 2).filter(fits).max_by_key(|length| (times(*length) * length, usize::MAX - length));
    let twice = || (decimals.len() > 1 && times(1) == 2).then_some(1);
    longest.or_else(twice).map(period)
}
