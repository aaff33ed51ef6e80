//! Bounds on what a template may be, and on what a single step of it may make: the engine counts
//! steps, and one step can be a gigabyte or a million levels of its stack.

use minijinja::value::Rest;
use minijinja::{Environment, Error, ErrorKind, State, Value, filters};

use crate::fault::TokensFault;

/// The longest template, in bytes; those of published models have 30,000 at most.
const LONGEST_SOURCE: usize = 1 << 20;
/// The most words and signs in one tag: the engine's parser calls itself for each.
const WORDS_OF_TAG: usize = 1000;
/// The most times that one tag joins two texts or lists.
const JOINS_OF_TAG: usize = 200;
/// The most branches of conditions, and the deepest nesting of blocks.
const BRANCHES: usize = 500;
const DEEPEST: usize = 100;
/// The longest text that a filter or method may make, in bytes.
pub(super) const LONGEST_TEXT: usize = 16 << 20;
/// The most parts that a list may be cut into.
const PARTS: usize = 10_000;

/// Refuses a template that would take more stack than there is to be parsed.
pub(super) fn check(source: &str) -> Result<(), TokensFault> {
    let too_much = |what| Err(TokensFault::TemplateTooMuch { what });
    if source.len() > LONGEST_SOURCE {
        return too_much("it is longer than 1 MiB");
    }
    let (mut depth, mut branches, mut rest) = (0_usize, 0, source);
    let tag_in = |text: &str| text.as_bytes().windows(2).position(|pair| matches!(pair, b"{{" | b"{%"));
    while let Some(at) = tag_in(rest) {
        let tag = Tag::of(&rest[at + 2..]);
        if tag.words > WORDS_OF_TAG {
            return too_much("one of its tags has more than 1,000 words and signs");
        }
        if tag.joins > JOINS_OF_TAG {
            return too_much("one of its tags joins more than 200 texts");
        }
        match tag.first {
            first if first.starts_with("end") => depth = depth.saturating_sub(1),
            "elif" => branches += 1,
            "if" | "for" | "macro" | "call" | "filter" | "block" | "with" | "autoescape" => depth += 1,
            _ => {}
        }
        if depth > DEEPEST || branches > BRANCHES {
            return too_much("its conditions are nested too deeply");
        }
        rest = &rest[at + 2 + tag.length..];
    }
    Ok(())
}

/// What stands between the signs of a tag.
struct Tag<'a> {
    first: &'a str,
    /// Words, numbers, texts and signs, each as one.
    words: usize,
    /// How often `+`, `~` or `*` stands in it.
    joins: usize,
    /// Up to the end of the tag, in bytes.
    length: usize,
}

impl Tag<'_> {
    fn of(source: &str) -> Tag<'_> {
        let inner = source.trim_start_matches(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '+'));
        let word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let first = &inner[..inner.find(|letter| !word(letter)).unwrap_or(inner.len())];
        let (mut words, mut length, mut in_word, mut quote, mut escaped) = (0, source.len(), false, None, false);
        let mut joins = 0;
        for (at, letter) in source.char_indices() {
            joins += usize::from(quote.is_none() && matches!(letter, '+' | '~' | '*'));
            match quote {
                Some(_) if escaped => escaped = false,
                Some(_) if letter == '\\' => escaped = true,
                Some(open) => quote = quote.filter(|_| letter != open),
                None if source[at..].starts_with("%}") || source[at..].starts_with("}}") => {
                    length = at + 2;
                    break;
                }
                None => {
                    let goes_on = letter.is_whitespace() || in_word && word(letter);
                    words += usize::from(!goes_on);
                    quote = Some(letter).filter(|letter| matches!(letter, '"' | '\''));
                }
            }
            in_word = quote.is_none() && word(letter);
        }
        Tag { first, words, joins, length }
    }
}

fn too_long() -> Error {
    Error::new(ErrorKind::InvalidOperation, "a text of more than 16 MiB would be made")
}

/// A length that may be.
fn fits(length: usize) -> Result<(), Error> {
    if length > LONGEST_TEXT { Err(too_long()) } else { Ok(()) }
}

/// How long a text is in which every `from` is another.
fn replaced(text: &str, from: &str, to: &str) -> usize {
    text.len().saturating_add(text.matches(from).count().saturating_mul(to.len()))
}

/// A text with every `from` replaced, if it is no longer than a text may be.
pub(super) fn replace(text: &str, from: &str, to: &str) -> Result<String, Error> {
    fits(replaced(text, from, to))?;
    Ok(text.replace(from, to))
}

/// The filters of the engine that could make much in a step, each after a look at what it is
/// given.
pub(super) fn add_filters(environment: &mut Environment) {
    environment.add_filter("slice at any length", filters::slice);
    environment.add_filter("batch at any length", filters::batch);
    environment.add_filter("indent at any length", filters::indent);
    environment.add_filter("format at any length", filters::format);
    environment.add_filter("join at any length", filters::join);
    environment.add_filter("slice", |state: &State, given: Rest<Value>| {
        few(number(given.get(1)))?;
        state.apply_filter("slice at any length", &given)
    });
    environment.add_filter("batch", |state: &State, given: Rest<Value>| {
        few(number(given.get(1)))?;
        state.apply_filter("batch at any length", &given)
    });
    environment.add_filter("indent", |state: &State, given: Rest<Value>| {
        let lines = given.first().and_then(Value::as_str).map_or(0, |text| text.lines().count() + 1);
        let width = given.iter().skip(1).map(|value| number(Some(value))).max().unwrap_or(0);
        fits(
            lines.saturating_mul(
                width.max(number(given.last().and_then(|named| named.get_attr("width").ok()).as_ref())),
            ),
        )?;
        state.apply_filter("indent at any length", &given)
    });
    environment.add_filter("format", |state: &State, given: Rest<Value>| {
        plain_format(given.first())?;
        state.apply_filter("format at any length", &given)
    });
    environment.add_filter("join", |state: &State, given: Rest<Value>| {
        joined(given.first(), given.get(1))?;
        state.apply_filter("join at any length", &given)
    });
}

/// Python's methods of texts and lists, those that could make much after a look at what they are
/// given.
pub(super) fn method(state: &State, value: &Value, name: &str, given: &[Value]) -> Result<Value, Error> {
    match (value.as_str(), name) {
        (Some(_), "format") => plain_format(Some(value))?,
        (Some(_), "join") => joined(given.first(), Some(value))?,
        (Some(text), "replace") => {
            let said = |place: usize| given.get(place).and_then(Value::as_str).unwrap_or_default();
            fits(replaced(text, said(0), said(1)))?;
        }
        _ => {}
    }
    minijinja_contrib::pycompat::unknown_method_callback(state, value, name, given)
}

fn number(value: Option<&Value>) -> usize {
    value.and_then(|value| usize::try_from(value.clone()).ok()).unwrap_or(0)
}

/// A list whose joined texts may be so long.
fn joined(list: Option<&Value>, between: Option<&Value>) -> Result<(), Error> {
    let between = between.and_then(Value::as_str).map_or(0, str::len);
    let mut length = 0_usize;
    for item in list.and_then(|list| list.try_iter().ok()).into_iter().flatten() {
        length = length.saturating_add(between).saturating_add(item.as_str().map_or(16, str::len));
        fits(length)?;
    }
    Ok(())
}

fn few(count: usize) -> Result<(), Error> {
    match count > PARTS {
        true => Err(Error::new(ErrorKind::InvalidOperation, "a list would be cut into more than 10,000 parts")),
        false => Ok(()),
    }
}

/// Widths of more digits than this, and those that are said elsewhere, are none that a conversation
/// needs.
fn plain_format(format: Option<&Value>) -> Result<(), Error> {
    const DIGITS: usize = 4;
    let format = format.and_then(Value::as_str).unwrap_or_default();
    let wide = format.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() > DIGITS);
    if wide || format.contains("%*") || format.contains(":{") { Err(too_long()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_measured_without_what_stands_in_texts() {
        let words = |source: &str| Tag::of(source).words;
        assert_eq!(words(" a.b | c('}} x y z', 12) }} rest"), 10);
        assert_eq!((Tag::of("-  if x %}").first, Tag::of("- if x -%} y").length), ("if", 10));
        assert_eq!(Tag::of("{ never closed").length, "{ never closed".len());
    }

    #[test]
    fn templates_that_would_exhaust_the_stack_are_refused_and_others_are_not() {
        let long = |piece: &str, times: usize, before: &str, behind: &str| {
            check(&format!("{before}{}{behind}", piece.repeat(times))).is_err()
        };
        for piece in ["-", "not ", ".a", "|trim", "[0]", "~x", "+1"] {
            let before = if piece.starts_with(['-', 'n']) { "{{ " } else { "{{ x" };
            assert!(long(piece, 21_100, before, " 1 }}"), "{piece}");
            assert!(!long(piece, 100, before, " 1 }}"), "{piece}");
        }
        assert!(long("{% elif x %}", 20_000, "{% if x %}", "{% endif %}"));
        assert!(long("{% if x %}", 20_000, "", ""));
        assert!(!long("{% if x %}{% endif %}", 20_000, "", ""));
        assert!(check(&"text ".repeat(1 << 18)).is_err());
    }
}
