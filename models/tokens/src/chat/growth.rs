//! A bound on what the names of a template may hold and on what it may write: the engine counts
//! steps, and a name that is doubled in each of forty steps would hold a terabyte.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, State, Value};

use super::bounds::LONGEST_TEXT;

/// What is written in one rendering at most, the output of macros and of `{% set %}` blocks counted
/// each time it goes through them. [bytes]
const MOST_WRITTEN: usize = 256 << 20;
/// The longest list that `range` makes.
const LONGEST_RANGE: usize = 10_000;

/// The template with a look at what every name is given: behind each tag that gives a name a value
/// stands another that passes it on if it is no larger than a text may be.
pub(super) fn watched(source: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(source.len() * 2), source);
    let mut blocks: Vec<Vec<String>> = Vec::new();
    while let Some(at) = rest.find("{%").into_iter().chain(rest.find("{#")).chain(rest.find("{{")).min() {
        let (close, kind) = match &rest[at..at + 2] {
            "{#" => ("#}", '#'),
            "{{" => ("}}", '{'),
            _ => ("%}", '%'),
        };
        let Some(length) = end(&rest[at + 2..], close, kind != '#') else { break };
        let inner = &rest[at + 2..at + 2 + length - 2];
        out += &rest[..at + 2 + length];
        rest = &rest[at + 2 + length..];
        if kind != '%' {
            continue;
        }
        let (word, said) = words(inner);
        if word == "raw" {
            let behind = rest.find("endraw").and_then(|at| Some(at + rest[at..].find("%}")? + 2));
            let behind = behind.unwrap_or(rest.len());
            out += &rest[..behind];
            rest = &rest[behind..];
            continue;
        }
        let names = match word {
            "set" if assignment(said).is_none() => {
                blocks.push(names(said.split('|').next().unwrap_or(said)));
                continue;
            }
            "endset" => blocks.pop().unwrap_or_default(),
            "set" => names(assignment(said).unwrap_or_default()),
            "with" => pieces(said).into_iter().filter_map(assignment).flat_map(names).collect(),
            "for" => names(said.split(" in ").next().unwrap_or_default()),
            "macro" => parameters(said.split_once('(').map_or("", |(_, behind)| behind)),
            "call" => said.strip_prefix('(').map(parameters).unwrap_or_default(),
            _ => continue,
        };
        let close = if inner.ends_with('-') {
            "-%}"
        } else if inner.ends_with('+') {
            "+%}"
        } else {
            "%}"
        };
        for name in names {
            out += &format!("{{% set {name} = {name}|within_bounds {close}");
        }
    }
    out + rest
}

/// Where a tag ends, its sign included.
fn end(source: &str, close: &str, has_texts: bool) -> Option<usize> {
    let (mut quote, mut escaped) = (None, false);
    source.char_indices().find_map(|(at, letter)| match quote {
        Some(_) if escaped => {
            escaped = false;
            None
        }
        Some(open) => {
            escaped = letter == '\\';
            quote = Some(open).filter(|open| letter != *open);
            None
        }
        None if source[at..].starts_with(close) => Some(at + 2),
        None => {
            quote = Some(letter).filter(|letter| has_texts && matches!(letter, '"' | '\''));
            None
        }
    })
}

/// The first word of a tag, and what follows it.
fn words(inner: &str) -> (&str, &str) {
    let inner = inner.trim_start_matches(['-', '+']).trim_end_matches(['-', '+']).trim();
    let end = inner.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(inner.len());
    (&inner[..end], inner[end..].trim())
}

/// What stands before the equals sign of an assignment.
fn assignment(said: &str) -> Option<&str> {
    let name = &said[..said.find('=')?];
    name.chars().all(|letter| letter.is_alphanumeric() || "_., ()\n\t\r".contains(letter)).then_some(name)
}

/// Names in a list, those of tuples too.
fn names(list: &str) -> Vec<String> {
    let bare =
        list.split(',').map(|name| name.trim_matches(|letter: char| letter.is_whitespace() || "()".contains(letter)));
    let name = |name: &&str| {
        let begins = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
        begins && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'))
    };
    bare.filter(name).map(str::to_owned).collect()
}

/// The names of parameters, up to the bracket that closes them.
fn parameters(said: &str) -> Vec<String> {
    let list = &said[..said.rfind(')').unwrap_or(said.len())];
    pieces(list).iter().flat_map(|one| names(one.split('=').next().unwrap_or(one))).collect()
}

/// What commas part, those in brackets and texts aside.
fn pieces(said: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_i32, None);
    for (at, letter) in said.char_indices() {
        match (quote, letter) {
            (Some(open), _) => quote = Some(open).filter(|open| letter != *open),
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                depth -= 1;
                // the parameters of `call(a, b) f(c)` end here
                if depth < 0 {
                    found.push(&said[start..at]);
                    return found;
                }
            }
            (None, ',') if depth == 0 => {
                found.push(&said[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&said[start..]);
    found
}

/// What [`watched`] needs, and `range` with a bound of its own.
pub(super) fn add(environment: &mut Environment) {
    environment.add_filter("within_bounds", |value: Value| {
        let mut left = LONGEST_TEXT;
        weigh(&value, &mut left, 0).map(|()| value)
    });
    environment.add_function("range", |lower: isize, upper: Option<isize>, step: Option<isize>| {
        let range = minijinja::functions::range(lower, upper, step)?;
        match range.len().is_some_and(|length| length > LONGEST_RANGE) {
            true => Err(too_much("a range of more than 10,000 numbers")),
            false => Ok(range),
        }
    });
}

/// Counts what is written.
pub(super) fn written(state: &State, length: usize) -> Result<(), Error> {
    const NAME: &str = "bytes written";
    let before = state.get_temp(NAME).and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    if before + length > MOST_WRITTEN {
        return Err(too_much("texts of more than 256 MiB"));
    }
    state.set_temp(NAME, Value::from(before + length));
    Ok(())
}

/// Takes from `left` what a value would be as text, about.
fn weigh(value: &Value, left: &mut usize, depth: usize) -> Result<(), Error> {
    const OF_ITEM: usize = 16;
    const DEEPEST: usize = 100;
    let own = match value.kind() {
        ValueKind::String => value.as_str().map_or(0, str::len),
        _ => value.len().unwrap_or(0).saturating_mul(OF_ITEM),
    };
    *left = left.checked_sub(own).filter(|_| depth < DEEPEST).ok_or_else(|| too_much("a value of more than 16 MiB"))?;
    match value.kind() {
        ValueKind::Seq => value.try_iter()?.try_for_each(|item| weigh(&item, left, depth + 1)),
        ValueKind::Map => value.try_iter()?.try_for_each(|key| weigh(&value.get_item(&key)?, left, depth + 1)),
        _ => Ok(()),
    }
}

fn too_much(what: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("the template makes {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_watched_where_they_are_given_a_value() {
        let watched = |source: &str| watched(source).replace("|within_bounds", "!");
        assert_eq!(watched("{% set x = 1 %}\na"), "{% set x = 1 %}{% set x = x! %}\na");
        assert_eq!(watched("{%- set n.x = '=%}' -%} a"), "{%- set n.x = '=%}' -%}{% set n.x = n.x! -%} a");
        assert_eq!(watched("{% for k, v in d %}"), "{% for k, v in d %}{% set k = k! %}{% set v = v! %}");
        assert_eq!(watched("{% macro f(a, b='x,y') %}"), "{% macro f(a, b='x,y') %}{% set a = a! %}{% set b = b! %}");
        assert_eq!(watched("{% call(a) f(b) %}"), "{% call(a) f(b) %}{% set a = a! %}");
        assert_eq!(watched("{% set x %}a{% endset %}"), "{% set x %}a{% endset %}{% set x = x! %}");
        assert_eq!(
            watched("{% with a = f(b, c), d = 2 %}"),
            "{% with a = f(b, c), d = 2 %}{% set a = a! %}{% set d = d! %}"
        );
        for same in
            ["{# set x = 1 #}", "{{ set }}", "{% if x == 1 %}", "{% raw %}{% set x = 1 %}{% endraw %}", "{% set x"]
        {
            assert_eq!(watched(same), same);
        }
    }
}
