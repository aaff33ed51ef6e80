//! Numbers as people's programs write them, where a JSON reader would refuse them or change them.

use super::nesting::Nesting;

/// Python's words for numbers that JSON has none for; pandas writes them for what is missing.
const NOT_NUMBERS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// A line with null in the place of Python's words for what is no number.
pub(super) fn without_nan(line: String) -> String {
    match line.contains(NOT_NUMBERS[0]) || line.contains(NOT_NUMBERS[2]) {
        true => outside_texts(&line, |rest| {
            NOT_NUMBERS.iter().find(|word| rest.starts_with(**word)).map(|word| (word.len(), "null".to_owned()))
        }),
        false => line,
    }
}

/// A record whose numbers that a double does not hold are texts with the same digits: as a double,
/// 2^64 + 1 would be 2^64, and an answer that is compared exactly would be another answer.
pub(crate) fn exact(record: &str) -> String {
    outside_texts(record, |rest| {
        let length =
            rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        let number = &rest[..length];
        match length {
            0 => None,
            _ if !number.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => None,
            _ if is_held(number) => Some((length, number.to_owned())),
            _ => Some((length, format!("\"{number}\""))),
        }
    })
}

/// JSON whose whole numbers beyond 64 bits are objects that the process of a program's tests reads
/// as whole numbers: `{"$int": "18446744073709551616"}`.
pub(crate) fn whole(json: &str) -> String {
    outside_texts(json, |rest| {
        let length =
            rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        let number = &rest[..length];
        let digits = number.strip_prefix('-').unwrap_or(number);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match length {
            0 => None,
            _ if whole && !is_held(number) => Some((length, format!("{{\"$int\": \"{number}\"}}"))),
            _ => Some((length, number.to_owned())),
        }
    })
}

/// Significant digits that a program may write of a double: as many as tell any two apart.
const WRITTEN: usize = 17;

/// Whether a number means the same once it was read: whole numbers of 64 bits, and what is written
/// as a double is, by the fewest digits that name it or rounded to as many as there are. Where two
/// numbers of the fewest digits are as near, programs differ in which they write.
fn is_held(number: &str) -> bool {
    if !number.contains(['.', 'e', 'E']) {
        return number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok();
    }
    match number.parse::<f64>() {
        Ok(double) if double.is_finite() => {
            let own = digits(number);
            let rounded = || digits(&format!("{double:.*e}", own.0.len().saturating_sub(1)));
            own == digits(&format!("{double:e}")) || (own.0.len() <= WRITTEN && own == rounded())
        }
        Ok(_) => false,
        Err(_) => true, // no number: the reader says so
    }
}

/// A number's digits without zeros at its ends, and its power of ten; the sign apart.
fn digits(number: &str) -> (String, i64) {
    let number = number.trim_start_matches('-');
    let (written, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, part) = written.split_once('.').unwrap_or((written, ""));
    let all = format!("{whole}{part}");
    let power = power.parse::<i64>().unwrap_or(i64::MAX).saturating_sub(part.len() as i64);
    let without = all.trim_end_matches('0');
    let power = power.saturating_add((all.len() - without.len()) as i64);
    match without.trim_start_matches('0') {
        "" => (String::new(), 0),
        digits => (digits.to_owned(), power),
    }
}

/// The text of a JSON value in which `other` may put something else in the place of what begins at
/// a place outside of texts.
fn outside_texts(text: &str, other: impl Fn(&str) -> Option<(usize, String)>) -> String {
    let (mut out, mut nesting, mut at) = (String::with_capacity(text.len()), Nesting::default(), 0);
    let mut kept = 0;
    while at < text.len() {
        // what is looked for begins with ASCII, so a place inside a letter is none
        let found = if nesting.in_text() || !text.is_char_boundary(at) { None } else { other(&text[at..]) };
        match found {
            Some((length, instead)) => {
                out.push_str(&text[kept..at]);
                out.push_str(&instead);
                at += length;
                kept = at;
            }
            None => {
                nesting.read(text.as_bytes()[at]);
                at += 1;
            }
        }
    }
    out.push_str(&text[kept..]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_for_no_number_are_null_outside_of_texts() {
        let line = r#"{"NaN": NaN, "a": "NaN \" Infinity", "b": [-Infinity, Infinity, 1], "ä": NaN}"#;
        let wanted = r#"{"NaN": null, "a": "NaN \" Infinity", "b": [null, null, 1], "ä": null}"#;
        assert_eq!(without_nan(line.to_owned()), wanted);
    }

    #[test]
    fn numbers_that_a_double_does_not_hold_are_texts() {
        for (number, held) in [
            ("18446744073709551615", true),
            ("18446744073709551616", false),
            ("123456789012345678901234567890", false),
            ("-9007199254740993", true),
            ("0.1", true),
            ("2.50", true),
            ("1e5", true),
            ("100000000000000000000", false),
            ("0.1000000000000000055511151231257827", false),
            ("3.14159265358979323846", false),
            ("131498441517730.62", true),
            ("131498441517730.63", true),
            ("0.30000000000000004", true),
            ("1e400", false),
            ("0.0", true),
            ("1e-400", false),
        ] {
            let record = format!(r#"{{"a": {number}, "text": "{number}", "list": [{number},{number}]}}"#);
            let quoted = if held { number.to_owned() } else { format!("\"{number}\"") };
            let wanted = format!(r#"{{"a": {quoted}, "text": "{number}", "list": [{quoted},{quoted}]}}"#);
            assert_eq!(exact(&record), wanted);
        }
    }

    proptest! {
        /// What a double writes of itself is held, and whole numbers of more than twenty digits
        /// never lose one.
        #[test]
        fn doubles_are_held_and_long_numbers_keep_their_digits(double in any::<f64>(), long in "[1-9][0-9]{20,40}[1-9]") {
            if double.is_finite() {
                let record = serde_json::json!({ "a": double }).to_string();
                prop_assert_eq!(exact(&record), record.as_str());
            }
            let read: serde_json::Value = serde_json::from_str(&exact(&format!("[{long}]"))).expect("JSON");
            let kept = read[0].as_str().map(str::to_owned);
            prop_assert_eq!(kept, Some(long));
        }
    }
}
