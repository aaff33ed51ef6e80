//! JSON whose whole numbers keep their digits: the reader would make a double of one that 64 bits
//! do not hold, and templates show it.

use minijinja::Value;
use minijinja::value::ValueKind;

/// What begins a text that stands for a whole number: a letter for private use.
const MARK: char = '\u{f8e02}';

/// A value of JSON.
pub(super) fn read(json: &str) -> Result<Value, String> {
    match marked(json) {
        None => serde_json::from_str(json).map_err(|error| error.to_string()),
        Some(marked) => restored(serde_json::from_str(&marked).map_err(|error| error.to_string())?),
    }
}

/// The same JSON with marked texts in the place of large whole numbers, if it has any.
fn marked(json: &str) -> Option<String> {
    let (mut out, mut kept, mut at) = (String::new(), 0, 0);
    let (mut in_text, mut escaped) = (false, false);
    let bytes = json.as_bytes();
    while at < bytes.len() {
        let byte = bytes[at];
        if in_text || !matches!(byte, b'-' | b'0'..=b'9') {
            in_text ^= byte == b'"' && !escaped;
            escaped = in_text && byte == b'\\' && !escaped;
            at += 1;
            continue;
        }
        let number = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = bytes[at..].iter().take_while(number).count();
        let digits = &json[at..at + length];
        let whole = !digits.contains(['.', 'e', 'E']);
        if whole && digits.parse::<i64>().is_err() && digits.parse::<u64>().is_err() {
            out += &json[kept..at];
            out += &format!("\"{MARK}{digits}\"");
            kept = at + length;
        }
        at += length;
    }
    (kept > 0).then(|| out + &json[kept..])
}

/// A value with the numbers that its marked texts stand for.
fn restored(value: Value) -> Result<Value, String> {
    Ok(match value.kind() {
        ValueKind::String => {
            let Some(digits) = value.as_str().and_then(|text| text.strip_prefix(MARK)) else { return Ok(value) };
            let signed = digits.parse::<i128>().map(Value::from);
            let number = signed.or_else(|_| digits.parse::<u128>().map(Value::from));
            number.map_err(|_| format!("{digits} is a whole number of more than 128 bits; write it as a text"))?
        }
        ValueKind::Seq => {
            let items = value.try_iter().map_err(|error| error.to_string())?.map(restored);
            Value::from(items.collect::<Result<Vec<_>, _>>()?)
        }
        ValueKind::Map => {
            let keys = value.try_iter().map_err(|error| error.to_string())?;
            let pairs = keys.map(|key| {
                let item = value.get_item(&key).map_err(|error| error.to_string())?;
                Ok::<_, String>((key, restored(item)?))
            });
            Value::from_iter(pairs.collect::<Result<Vec<_>, _>>()?)
        }
        _ => value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_keep_their_digits_and_texts_are_left_alone() {
        let json = r#"{"b": [123456789012345678901, -18446744073709551616, 1e22, 7], "a": "\"99999999999999999999"}"#;
        let value = read(json).expect("JSON");
        assert_eq!(
            value.to_string(),
            r#"{"b": [123456789012345678901, -18446744073709551616, 1e22, 7], "a": "\"99999999999999999999"}"#
        );
        assert!(read(&"9".repeat(50)).is_err_and(|why| why.contains("128 bits")));
    }
}
