//! Reading: from text, plain or LaTeX, to a [`Form`].

mod beside;
mod cut;
mod expression;
mod form;
mod letters;
mod measured;
mod numeral;
mod region;
mod token;

pub(crate) use region::{around, line, pieces_of};

use crate::judgement::Doubt;
use crate::tree::{Form, Relation};
use token::Token;

/// Why a text is not read as mathematics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Words stand where no unit does.
    Words,
    /// It begins like mathematics and does not go on like it.
    Malformed,
    /// It is not read here: what it means is not computed, or it passes a bound.
    Doubt(Doubt),
}

/// The longest answer that is read, in bytes.
const LONGEST: usize = 8192;

/// The longest numeral that is read, in bytes.
const LONGEST_NUMERAL: usize = 100_000;

/// The deepest nesting.
const DEEPEST: usize = 48;

/// Reads an answer.
pub(crate) fn read(text: &str) -> Result<Form, Unread> {
    let is_numeral = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-');
    if text.len() > LONGEST && !(text.len() <= LONGEST_NUMERAL && text.chars().all(is_numeral)) {
        return Err(Unread::Doubt(Doubt::TooLong));
    }
    let mut tokens = cut::tokens(&undollared(text));
    // `<1, 2>`: brackets of a vector
    if let ([Token::Relation(Relation::Less), .., Token::Relation(Relation::Greater)], true) =
        (&tokens[..], tokens.contains(&Token::Comma))
    {
        let last = tokens.len() - 1;
        (tokens[0], tokens[last]) = (Token::Open('<'), Token::Close('>'));
    }
    let read = whole(&tokens);
    match read {
        Err(_) => after_naming(&tokens).filter(|named| !matches!(named, Err(Unread::Malformed))).unwrap_or(read),
        read => read,
    }
}

fn whole(tokens: &[Token]) -> Result<Form, Unread> {
    if tokens.contains(&Token::Unsupported) {
        return Err(Unread::Doubt(Doubt::Unsupported));
    }
    let trimmed = tokens.iter().position(|token| !is_lead(token)).unwrap_or(tokens.len());
    let mut parser = Parser { tokens: &tokens[trimmed..], at: 0, depth: 0, in_bars: 0, in_function: 0 };
    let form = parser.list()?;
    match parser.peek() {
        None => Ok(form),
        Some(Token::Word(_)) => Err(Unread::Words),
        Some(_) => Err(Unread::Malformed),
    }
}

/// An equals sign or a colon that is left over from what came before the answer.
fn is_lead(token: &Token) -> bool {
    matches!(token, Token::Relation(Relation::Equal | Relation::Approximate) | Token::Colon)
}

/// `Area = 25`, `P(X > 2) = 1/2`: what is named before an equals sign that stands in no brackets is
/// left out.
fn after_naming(tokens: &[Token]) -> Option<Result<Form, Unread>> {
    let mut depth = 0usize;
    let sign = tokens.iter().position(|token| {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_lead(token)
    })?;
    let name = &tokens[..sign];
    // the braces of `\mathbb{P}`
    let name = match name {
        [Token::Open('{'), Token::Name(_), Token::Close('}'), ..] => &name[1..],
        name => name,
    };
    let opens = |token: Option<&Token>| matches!(token, Some(Token::Open('(' | '{')));
    let is_name = |token: &Token| matches!(token, Token::Word(_) | Token::Name(_) | Token::Mark(_));
    let in_words = name.iter().any(|token| matches!(token, Token::Word(_)))
        && !name.iter().any(|token| matches!(token, Token::Number(_)));
    let applied = name.len() > 2
        && name.first().is_some_and(is_name)
        && (opens(name.get(1)) || name.get(1) == Some(&Token::Close('}')) && opens(name.get(2)))
        && matches!(name.last(), Some(Token::Close(')' | '}')));
    (in_words || applied).then(|| whole(&tokens[sign..]))
}

/// Dollar signs in pairs delimit formulas; a single one is a currency.
fn undollared(text: &str) -> String {
    let mut escaped = false;
    let mut plain = 0;
    for letter in text.chars() {
        plain += usize::from(letter == '$' && !escaped);
        escaped = letter == '\\' && !escaped;
    }
    if plain % 2 == 1 {
        return text.to_owned();
    }
    let mut escaped = false;
    let keep = |letter: &char| {
        let kept = *letter != '$' || escaped;
        escaped = *letter == '\\' && !escaped;
        kept
    };
    text.chars().filter(keep).collect()
}

/// Reads tokens from left to right.
struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// How many `|…|` are open, in which a bar closes.
    in_bars: usize,
    /// How many functions' arguments are being read, in which degrees are angles.
    in_function: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn ahead(&self, places: usize) -> Option<&'a Token> {
        self.tokens.get(self.at + places)
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token) -> Result<(), Unread> {
        if self.eat(token) { Ok(()) } else { Err(self.stuck()) }
    }

    /// What to say where nothing fits.
    fn stuck(&self) -> Unread {
        if matches!(self.peek(), Some(Token::Word(_))) { Unread::Words } else { Unread::Malformed }
    }

    /// Does something one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Unread>) -> Result<T, Unread> {
        if self.depth >= DEEPEST {
            return Err(Unread::Doubt(Doubt::TooDeep));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// The place of the bracket that closes the one at this place, and whether commas stand between
    /// them.
    fn closing(&self) -> Option<(usize, bool)> {
        let (mut open, mut commas) = (0usize, false);
        for (place, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token {
                Token::Open(_) | Token::Begin => open += 1,
                Token::Close(_) | Token::End => {
                    open = open.checked_sub(1)?;
                    if open == 0 {
                        return Some((place, commas));
                    }
                }
                Token::Comma | Token::Semicolon => commas |= open == 1,
                _ => {}
            }
        }
        None
    }
}
