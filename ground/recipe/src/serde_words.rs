use crate::fault::RecipeFault;
use crate::place::Place;

/// Turns what serde says into a fault. Serde has only messages, but their form is fixed by its
/// `Error` trait.
pub(crate) fn fault_of(message: &str, place: Box<Place>) -> RecipeFault {
    let unknown = |kind, rest: &str| {
        let (name, valid) = names(rest);
        RecipeFault::Unknown { kind, name, valid, place: place.clone() }
    };
    if let Some(rest) = message.strip_prefix("unknown field `") {
        unknown("key", rest)
    } else if let Some(rest) = message.strip_prefix("unknown variant `") {
        unknown("name", rest)
    } else {
        RecipeFault::Value { what: plainly(message), place }
    }
}

/// ``lrr`, expected one of `a`, `b`` is `lrr` and its valid names.
fn names(rest: &str) -> (String, Vec<String>) {
    let ends = ["`, expected ", "`, there are no "];
    let end = ends.iter().find_map(|end| rest.find(end)).unwrap_or(rest.len());
    let (name, expected) = rest.split_at(end);
    let valid = expected.split('`').skip(2).step_by(2).map(str::to_owned); // it opens with the name's own backtick
    (name.to_owned(), valid.collect())
}

/// Types by the words people use for them.
fn plainly(message: &str) -> String {
    const WORDS: [(&str, &str); 16] = [
        (" as i128", ""),
        ("missing field ", "missing key "),
        ("invalid type: ", "wrong kind of value: "),
        ("invalid value: ", "value out of range: "),
        (", expected u8", ", expected a whole number from 0 to 255"),
        (", expected u32", ", expected a whole number, not negative"),
        (", expected u64", ", expected a whole number, not negative"),
        (", expected usize", ", expected a whole number, not negative"),
        (", expected i32", ", expected a whole number"),
        (", expected i64", ", expected a whole number"),
        (", expected f32", ", expected a number"),
        (", expected f64", ", expected a number"),
        (", expected a boolean", ", expected true or false"),
        (", expected a string", ", expected text in quotes"),
        (", expected a sequence", ", expected a list: [ .. ]"),
        (", expected struct ", ", expected a table { .. } of "),
    ];
    let message = message.trim_end();
    let mut message = message.lines().next().unwrap_or(message).to_owned();
    for (theirs, ours) in WORDS {
        message = message.replacen(theirs, ours, 1);
    }
    message
}
