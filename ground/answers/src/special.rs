//! Answers with a notation of their own: times of day, numerals in another base.

use num_bigint::BigInt;

/// Minutes after midnight, and whether it was said which half of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    seconds: u32,
    half: bool,
}

impl Time {
    /// Whether two times are the same, or may be: one does not say which half of the day.
    pub(crate) fn agrees(self, other: Time) -> bool {
        let day = if self.half && other.half || self.half == other.half { 86_400 } else { 43_200 };
        self.seconds % day == other.seconds % day
    }
}

/// `3:30`, `03:30 PM`, `3 p.m.`, `15:30:00`.
pub(crate) fn time(text: &str) -> Option<Time> {
    let kept = |letter: &char| !matches!(letter, '.' | ' ' | '$' | '{' | '}' | '\\' | '~' | ',');
    let text: String = text.to_lowercase().replace("\\text", "").chars().filter(kept).collect();
    let (digits, half) = match text.strip_suffix("am").map(|digits| (digits, 0)) {
        Some((digits, add)) => (digits, Some(add)),
        None => text.strip_suffix("pm").map_or((&text[..], None), |digits| (digits, Some(12))),
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 2);
    let hours = number(parts.first()?)?;
    let (minutes, seconds) = match &parts[1..] {
        [] if half.is_some() => (0, 0),
        [minutes] if minutes.len() == 2 => (number(minutes)?, 0),
        [minutes, seconds] if minutes.len() == 2 && seconds.len() == 2 => (number(minutes)?, number(seconds)?),
        _ => return None,
    };
    let in_range = minutes < 60 && seconds < 60 && if half.is_some() { (1..=12).contains(&hours) } else { hours <= 24 };
    let hours = half.map_or(hours, |add| hours % 12 + add);
    in_range.then_some(Time { seconds: hours * 3600 + minutes * 60 + seconds, half: half.is_some() || hours > 12 })
}

/// A numeral in a base that is written beside it: `1010_2`, `1A_{16}`, `243_{\text{five}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Based {
    /// The digits, in lower case, without leading zeros.
    pub(crate) digits: String,
    pub(crate) value: BigInt,
}

const WORDS: [(&str, u32); 9] = [
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
];

pub(crate) fn based(text: &str) -> Option<Based> {
    let kept = |letter: &char| !matches!(letter, '$' | '{' | '}' | ' ' | ',' | '\\' | '.');
    let text: String = text.replace("\\text", "").replace("\\mathrm", "").chars().filter(kept).take(600).collect();
    let (digits, base) = text.split_once('_')?;
    let named = WORDS.iter().find(|(word, _)| *word == base.to_lowercase()).map(|(_, base)| *base);
    let base = named.or_else(|| base.parse().ok()).filter(|base| (2..=36).contains(base))?;
    if !digits.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let value = BigInt::parse_bytes(digits.as_bytes(), base)?;
    Some(Based { digits: digits.to_lowercase().trim_start_matches('0').to_owned(), value })
}
