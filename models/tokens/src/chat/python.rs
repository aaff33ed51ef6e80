//! Values as Python's `str` and `repr` write them: templates are made for an engine in Python.

use std::borrow::Cow;
use std::fmt::Write;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Output, State, Value};

use super::{bounds, growth};

/// Writes what stands in `{{ }}`.
pub(super) fn write(out: &mut Output, state: &State, value: &Value) -> Result<(), Error> {
    let said = match value.as_str() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(text(value)),
    };
    growth::written(state, said.len())?;
    out.write_str(&said).map_err(Error::from)
}

/// The filters that see any value as Python's `str` writes it.
pub(super) fn add_filters(environment: &mut Environment) {
    environment.add_filter("string", text);
    environment.add_filter("upper", |value: &Value| text(value).to_uppercase());
    environment.add_filter("lower", |value: &Value| text(value).to_lowercase());
    environment
        .add_filter("replace", |value: &Value, from: String, to: String| bounds::replace(&text(value), &from, &to));
    environment.add_filter("trim", |value: &Value, letters: Option<String>| match letters {
        Some(letters) => text(value).trim_matches(|letter| letters.contains(letter)).to_owned(),
        None => text(value).trim().to_owned(),
    });
}

/// `str(value)`; of something undefined, nothing.
fn text(value: &Value) -> String {
    match value.kind() {
        ValueKind::Undefined => String::new(),
        ValueKind::String => value.to_string(),
        _ => repr(value),
    }
}

fn repr(value: &Value) -> String {
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => "None".into(),
        ValueKind::Bool => if value.is_true() { "True" } else { "False" }.into(),
        ValueKind::String => quoted(&value.to_string()),
        ValueKind::Seq | ValueKind::Iterable => {
            format!("[{}]", items(value).iter().map(repr).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Map => {
            let pair =
                |key: &Value| format!("{}: {}", repr(key), value.get_item(key).map_or("None".into(), |v| repr(&v)));
            format!("{{{}}}", items(value).iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Number => number(value),
        _ => value.to_string(),
    }
}

/// `repr(number)`: whole numbers as they are; others with the fewest digits that tell them apart,
/// and with an exponent from 1e16 and below 1e-4.
pub(super) fn number(value: &Value) -> String {
    let Some(float) = f64::try_from(value.clone()).ok().filter(|_| !value.is_integer()) else {
        return value.to_string();
    };
    if !float.is_finite() {
        return if float.is_nan() {
            "nan"
        } else if float > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        -4..16 => format!("{float:?}"),
        exponent => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
    }
}

fn items(value: &Value) -> Vec<Value> {
    value.try_iter().map(Iterator::collect).unwrap_or_default()
}

/// A string in the quotes that Python chooses.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if letter == quote => out.extend(['\\', letter]),
            _ if letter.is_control() && (letter as u32) < 256 => {
                let _ = write!(out, "\\x{:02x}", letter as u32);
            }
            _ => out.push(letter),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_python_writes_them() {
        let json = serde_json::json!([true, null, 1, 2.5, 3.0, "it's", "a\"b'c", {"k": ["\n"]}]);
        assert_eq!(
            text(&Value::from_serialize(&json)),
            r#"[True, None, 1, 2.5, 3.0, "it's", 'a"b\'c', {'k': ['\n']}]"#
        );
        let numbers = [1e15, 1e16, 1.5e-5, 0.0001, -2.5e300, 123_456.75, 0.0].map(|float| text(&Value::from(float)));
        assert_eq!(numbers, ["1000000000000000.0", "1e+16", "1.5e-05", "0.0001", "-2.5e+300", "123456.75", "0.0"]);
        assert_eq!(text(&Value::from("plain")), "plain");
        assert_eq!(text(&Value::UNDEFINED), "");
    }
}
