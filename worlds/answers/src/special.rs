//! Answers with a notation of their own: times of day, dates, ordinals, numerals in another base.

use num_bigint::BigInt;
use num_rational::BigRational;

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
    match text.as_str() {
        "midnight" => return Some(Time { seconds: 0, half: true }),
        "noon" | "midday" => return Some(Time { seconds: 43_200, half: true }),
        _ => {}
    }
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

/// A numeral in a base that is written beside it: `1010_2`, `1A_{16}`, `(243)_{\text{five}}`,
/// `1010 base 2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Based {
    /// The digits, in lower case, without leading zeros.
    pub(crate) digits: String,
    pub(crate) value: BigRational,
}

const WORDS: [(&str, u32); 10] = [
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("sixteen", 16),
];

pub(crate) fn based(text: &str) -> Option<Based> {
    let kept = |letter: &char| !matches!(letter, '$' | '{' | '}' | ' ' | ',' | '\\');
    let text = text
        .replace("\\text", "")
        .replace("\\mathrm", "")
        .replace(" in base ", "_")
        .replace(" base ", "_")
        .replace("\\,", "");
    let text: String = text.chars().filter(kept).take(600).collect();
    let (digits, base) = text.trim_end_matches('.').split_once('_')?;
    let digits = digits.strip_prefix('(').and_then(|digits| digits.strip_suffix(')')).unwrap_or(digits);
    let named = WORDS.iter().find(|(word, _)| *word == base.to_lowercase()).map(|(_, base)| *base);
    let base = named.or_else(|| base.parse().ok()).filter(|base| (2..=36).contains(base))?;
    // `x_{16}` is a variable; `FF_{16}` is not
    let hexadecimal = base == 16
        && digits.len() > 1
        && digits.chars().all(|digit| digit.is_ascii_digit() || digit.is_ascii_uppercase());
    if !digits.starts_with(|letter: char| letter.is_ascii_digit()) && !hexadecimal {
        return None;
    }
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let value = BigInt::parse_bytes([whole, part].concat().as_bytes(), base)?;
    let value = BigRational::new(value, BigInt::from(base).pow(part.len() as u32));
    Some(Based { digits: digits.to_lowercase().trim_start_matches('0').to_owned(), value })
}

/// The place that an ordinal names, and whether a word says it: `3rd`, `21^{\text{st}}`, `third`.
pub(crate) fn ordinal(text: &str) -> Option<u32> {
    const SPELLED: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    let plain = bare_ordinal(text);
    let lower = plain.trim().to_lowercase();
    let word = lower.strip_prefix("the ").unwrap_or(&lower);
    if let Some(place) = SPELLED.iter().position(|spelled| *spelled == word) {
        return Some(place as u32 + 1);
    }
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending))?;
    digits.trim().parse().ok()
}

fn bare_ordinal(text: &str) -> String {
    text.replace("^{\\text{", "")
        .replace("^\\text{", "")
        .replace("^{\\mathrm{", "")
        .replace("^{", "")
        .replace("\\text{", "")
        .chars()
        .filter(|letter| !matches!(letter, '{' | '}' | '$' | '\\'))
        .collect()
}

/// A day of the calendar: year if it is said, month, day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    year: Option<u32>,
    month: u32,
    day: Option<u32>,
}

impl Date {
    /// Whether two are the same, or may be: one does not say the year.
    pub(crate) fn agrees(self, other: Date) -> bool {
        let years = self.year.zip(other.year).is_none_or(|(year, other)| year == other);
        years && (self.month, self.day) == (other.month, other.day) && (self.day.is_some() || self.year == other.year)
    }
}

/// `June 20`, `20th of June 2021`, `2021-06-20`.
pub(crate) fn date(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = bare_ordinal(text).to_lowercase();
    let parts: Vec<&str> = text.trim().split('-').collect();
    if let [year, month, day] = parts[..] {
        let number = |text: &str, length: usize| text.parse::<u32>().ok().filter(|_| text.len() == length);
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        return (month <= 12 && day <= 31).then_some(Date { year: Some(year), month, day: Some(day) });
    }
    let (mut year, mut month, mut day) = (None, None, None);
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    for word in text
        .split([' ', ',', '.'])
        .filter(|word| !word.is_empty() && !matches!(*word, "of" | "the") && !weekdays.contains(word))
    {
        let named =
            MONTHS.iter().position(|name| *name == word).or_else(|| NAMES.iter().position(|name| *name == word));
        if let Some(place) = named.filter(|_| month.is_none()) {
            month = Some(place as u32 + 1);
            continue;
        }
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
        let number: u32 = digits.parse().ok()?;
        match digits.len() {
            1 | 2 if day.is_none() && (1..=31).contains(&number) => day = Some(number),
            4 if year.is_none() => year = Some(number),
            _ => return None,
        }
    }
    (day.is_some() || year.is_some()).then_some(())?;
    Some(Date { year, month: month?, day })
}
