//! Numbers and operations in words: "twenty-five", "minus one half", "2 thirds", "5 plus 3".
//!
//! Words are rewritten as a formula, and the reader of formulas (`read/`) reads that. A second
//! parser from words to trees would have to agree with it on units, mixed numbers and relations; so
//! "two thirds of 90" and `\frac{2}{3}\cdot90` cannot come out differently.
//!
//! The danger is prose, since most words that spell numbers are English first: "one" in "the one
//! that is left", "to", "over", "second". So nothing is guessed. Every word comes from a closed
//! list (cardinals, scales, parts of a whole, operations); a word that is English elsewhere counts
//! only behind a number or in front of one; bounds such as "at least 5" count only at the
//! beginning, where they are about what is asked for. Any other word stays as it is, and what then
//! is no formula is refused by the reader: the text is compared as words, which is seldom right by
//! chance.
//!
//! One pass from left to right, in which the first rule that fits takes the word: an operation, a
//! mixed number ("2 and a half"), "of" behind a part ("half of 14", but not "2 of 3"), a part
//! behind a number ("2 thirds"). Only English is read; announcements in other languages
//! (`find/announced.rs`) end in numerals.

use crate::unit;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const SCALES: [(&str, u64); 5] = [
    ("hundred", 100),
    ("thousand", 1000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("trillion", 1_000_000_000_000),
];

/// Parts of a whole, in the singular.
const PARTS: [(&str, u64); 20] = [
    ("half", 2),
    ("halve", 2),
    ("third", 3),
    ("fourth", 4),
    ("quarter", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("sixteenth", 16),
    ("twentieth", 20),
    ("thirtieth", 30),
    ("hundredth", 100),
    ("thousandth", 1000),
    ("millionth", 1_000_000),
    ("fortieth", 40),
];

/// What stands for an operation, in formulas.
const OPERATIONS: [(&str, &str); 22] = [
    ("plus", "+"),
    ("minus", "-"),
    ("negative", "-"),
    ("times", "\\cdot"),
    ("multiplied by", "\\cdot"),
    ("divided by", "/"),
    ("squared", "^{2}"),
    ("cubed", "^{3}"),
    ("factorial", "!"),
    ("per cent", "\\%"),
    ("pct", "\\%"),
    ("over", "/"),
    ("equals", "="),
    ("equal to", "="),
    ("is", "="),
    ("to", ":"),
    ("at least", "\\ge"),
    ("at most", "\\le"),
    ("more than", ">"),
    ("greater than", ">"),
    ("less than", "<"),
    ("fewer than", "<"),
];

/// A text with its spoken numbers and operations written as a formula; `None` if it has none, or
/// has other words between them that make a sentence of it.
pub(crate) fn rewritten(text: &str) -> Option<String> {
    if let Some(of) = of_one(text).or_else(|| of_a(text)) {
        return Some(of);
    }
    let words = words(text);
    let mut found = String::new();
    let mut changed = false;
    let mut place = 0;
    while place < words.len() {
        if let Some((value, taken)) = number(&words, place) {
            found += &format!(" {value} ");
            (place, changed) = (place + taken, true);
            continue;
        }
        let after_number =
            found.trim_end().ends_with(|letter: char| letter.is_ascii_digit() || letter == '}' || letter == ')');
        if let Some((sign, taken)) = operation(&words, place, after_number) {
            let about = if matches!(sign, "\\ge" | "\\le" | ">" | "<") { "\\Box" } else { "" };
            found = about.to_owned() + found.trim_end() + sign + " ";
            (place, changed) = (place + taken, true);
            continue;
        }
        // "2 and 1/2" is a mixed number
        if after_number && mixed_follows(&words, place) {
            (place, changed) = (place + 1, true);
            continue;
        }
        // and so is "2 and a half"
        if after_number
            && same(words[place].0, "and")
            && let Some((part, taken)) = words.get(place + 2).and_then(|_| number(&words, place + 2))
            && part.starts_with("\\frac")
        {
            found = format!("{}{part} ", found.trim_end());
            (place, changed) = (place + 2 + taken, true);
            continue;
        }
        // "half of 14", "20% of 90", but not "2 of 3"
        if same(words[place].0, "of") && found.trim_end().ends_with(['}', '%']) && digit_follows(&words, place) {
            found = hundredths(&found) + "\\cdot";
            (place, changed) = (place + 1, true);
            continue;
        }
        if same(words[place].0, "percent")
            && after_number
            && spoken(&words, place).nth(1).is_some_and(|(word, _)| same(word, "of"))
        {
            found = format!("{}%", found.trim_end());
            (place, changed) = (place + 1, true);
            continue;
        }
        if after_number && let Some(part) = part(words[place].0) {
            let digits = found.trim_end().len()
                - found.trim_end().trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
            let cut = found.trim_end().len() - digits;
            found = format!("{}\\frac{{{}}}{{{part}}} ", &found[..cut], found[cut..].trim());
            (place, changed) = (place + 1, true);
            continue;
        }
        found += words[place].1;
        place += 1;
    }
    changed.then(|| found.trim().to_owned())
}

/// What makes another number of the one behind it, and how that is written.
const OF_ONE: [(&str, &str, &str); 8] = [
    ("square root of ", "\\sqrt{", "}"),
    ("cube root of ", "\\sqrt[3]{", "}"),
    ("square of ", "(", ")^{2}"),
    ("cube of ", "(", ")^{3}"),
    ("twice ", "2\\cdot(", ")"),
    ("double ", "2\\cdot(", ")"),
    ("thrice ", "3\\cdot(", ")"),
    ("triple ", "3\\cdot(", ")"),
];

/// "the square root of 14", "twice 7".
fn of_one(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.get(..4).filter(|start| same(start, "the ")).map_or(text, |_| &text[4..]);
    let (open, rest, close) = OF_ONE.iter().find_map(|(words, open, close)| {
        let rest = bare.get(words.len()..).filter(|_| same(&bare[..words.len()], words))?;
        Some((open, rest.trim(), close))
    })?;
    let inner = rewritten(rest).unwrap_or_else(|| rest.to_owned());
    let one = !inner.contains(' ') && inner.contains(|letter: char| letter.is_ascii_digit());
    one.then(|| format!("{open}{inner}{close}"))
}

/// "half a dozen", "a quarter of a million", "an hour and a half", "a decade".
fn of_a(text: &str) -> Option<String> {
    const SHARES: [(&str, &str); 9] = [
        ("half a ", "\\frac{1}{2}"),
        ("half an ", "\\frac{1}{2}"),
        ("a half ", "\\frac{1}{2}"),
        ("quarter of a ", "\\frac{1}{4}"),
        ("a quarter of a ", "\\frac{1}{4}"),
        ("a quarter of an ", "\\frac{1}{4}"),
        ("three quarters of an ", "\\frac{3}{4}"),
        ("three quarters of a ", "\\frac{3}{4}"),
        ("a third of a ", "\\frac{1}{3}"),
    ];
    let lower = text.trim().to_lowercase();
    let counted = |word: &str| word != "a" && word.len() > 2 && unit::known(word).is_some();
    let share = SHARES.iter().find_map(|(words, share)| Some((*share, lower.strip_prefix(words)?)));
    if let Some((share, word)) = share.filter(|(_, word)| counted(word)) {
        return Some(format!("{share} {word}"));
    }
    let (one, half) = match lower.strip_suffix(" and a half") {
        Some(before) => (before, "1\\frac{1}{2}"),
        None => (&*lower, "1"),
    };
    let word = one.strip_prefix("a ").or_else(|| one.strip_prefix("an ")).or_else(|| one.strip_prefix("one "))?;
    let is_scale = SCALES.iter().any(|(name, _)| *name == word);
    (counted(word) && !is_scale).then(|| format!("{half} {word}"))
}

/// A text that ends with a percentage, with this as a fraction.
fn hundredths(text: &str) -> String {
    let Some(before) = text.trim_end().strip_suffix('%') else { return text.to_owned() };
    let before = before.trim_end_matches(['\\', ' ']);
    let digits = before.trim_end_matches(|sign: char| sign.is_ascii_digit() || sign == '.').len();
    format!("{}\\frac{{{}}}{{100}}", &before[..digits], &before[digits..])
}

/// Whether the next word is a number.
fn digit_follows(words: &[(&str, &str)], place: usize) -> bool {
    spoken(words, place).nth(1).is_some_and(|(word, _)| {
        small(word).is_some() || word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '$')
    })
}

/// Whether "and" stands here, before a fraction of numerals.
fn mixed_follows(words: &[(&str, &str)], place: usize) -> bool {
    let digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut after = words[place + 1..]
        .iter()
        .map(|(word, _)| *word)
        .skip_while(|word| *word == " ")
        .skip_while(|word| digits(word));
    same(words[place].0, "and")
        && words.get(place + 2).is_some_and(|(word, _)| digits(word))
        && after.next() == Some("/")
        && after.next().is_some_and(digits)
}

/// The numbers that are spoken in a text, as numerals; none where words around them make others of
/// them.
pub(crate) fn numbers(text: &str) -> Vec<String> {
    const CHANGING: [&str; 10] =
        ["minus", "negative", "half", "twice", "double", "triple", "squared", "cubed", "times", "than"];
    let words = words(text);
    let mut found = Vec::new();
    let mut place = 0;
    if words.iter().any(|(word, _)| CHANGING.iter().any(|other| same(word, other))) {
        return found;
    }
    while place < words.len() {
        match number(&words, place) {
            Some((value, taken)) => {
                found.push(value);
                place += taken;
            }
            None => place += 1,
        }
    }
    found
}

/// The words of a text, in lower case, each with all of the text that belongs to it: signs are
/// words of their own.
fn words(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '\\' {
            1 + rest[1..].find(|letter: char| !letter.is_alphabetic()).unwrap_or(rest.len() - 1)
        } else if first.is_alphabetic() {
            rest.find(|letter: char| !letter.is_alphabetic()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        found.push((&rest[..length], &rest[..length]));
        rest = &rest[length..];
    }
    found
}

fn is_gap(word: &str) -> bool {
    matches!(word, " " | "-" | "‑")
}

fn same(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

/// The words from a place on that are no gaps, each with how far after the place it ends.
fn spoken<'a>(words: &'a [(&'a str, &'a str)], place: usize) -> impl Iterator<Item = (&'a str, usize)> {
    let mut gaps = 0;
    let near = words[place..].iter().enumerate().take_while(move |(_, (word, _))| {
        gaps = if is_gap(word) { gaps + 1 } else { 0 };
        gaps < 2
    });
    near.filter(|(_, (word, _))| !is_gap(word)).map(|(at, (word, _))| (*word, at + 1))
}

fn small(word: &str) -> Option<u64> {
    let ones = ONES.iter().position(|one| same(word, one)).map(|value| value as u64);
    ones.or_else(|| TENS.iter().position(|ten| same(word, ten)).map(|place| 10 * (place as u64 + 2)))
}

fn part(word: &str) -> Option<u64> {
    let lower = word.to_lowercase();
    let single = lower.strip_suffix('s').unwrap_or(&lower);
    PARTS.iter().find(|(name, _)| *name == single).map(|(_, value)| *value)
}

/// A number in words that begins here, as a numeral, and how many words it takes.
fn number(words: &[(&str, &str)], place: usize) -> Option<(String, usize)> {
    // inside a longer run of letters and in commands no number begins
    if place > 0 && words[place - 1].0.starts_with('\\') && words[place - 1].0.len() == 1 {
        return None;
    }
    let mut taken = 0;
    let (mut total, mut group, mut any, mut last) = (0u64, 0u64, false, 0u64);
    for (word, end) in spoken(words, place) {
        if let Some(value) = small(word) {
            let fits = !any || last >= 100 || last >= 20 && last % 10 == 0 && value < 10 && value > 0;
            if !fits {
                break;
            }
            group += value;
            (any, last, taken) = (true, value, end);
            continue;
        }
        let scale = SCALES.iter().find(|(name, _)| same(word, name)).map(|(_, value)| *value);
        if let (Some(scale), true) = (scale, any) {
            if scale == 100 {
                group *= 100;
            } else {
                total = total.checked_add(group.max(1).checked_mul(scale)?)?;
                group = 0;
            }
            (last, taken) = (scale, end);
            continue;
        }
        let article = !any && matches!(word, "a" | "A" | "an");
        if article {
            let next = spoken(words, place).nth(1);
            if let Some((next, after)) = next {
                // "a hundred fifteen"
                if SCALES.iter().any(|(name, _)| same(next, name)) {
                    (group, any, last, taken) = (1, true, 1, end);
                    continue;
                }
                let end = after;
                if same(next, "dozen") {
                    return Some(("12".to_owned(), end));
                }
                if let Some(part) = part(next).filter(|_| !next.ends_with('s')) {
                    return Some((format!("\\frac{{1}}{{{part}}}"), end));
                }
            }
            return None;
        }
        if same(word, "and") && any && last >= 100 && spoken_small_after(words, place, end) {
            continue;
        }
        break;
    }
    if !any {
        let word = words.get(place)?.0;
        return (same(word, "half")).then(|| ("\\frac{1}{2}".to_owned(), 1));
    }
    let value = total.checked_add(group)?;
    let after: Vec<(&str, usize)> = spoken(words, place + taken).take(3).collect();
    match after[..] {
        // "two thirds", "one and a half"
        [(word, end), ..] if part(word).is_some() && plural_fits(word, value) => {
            Some((format!("\\frac{{{value}}}{{{}}}", part(word)?), taken + end))
        }
        [(and, _), (article, _), (word, end)] if same(and, "and") && part(word).is_some() => {
            let top = small(article).or(matches!(article, "a" | "an").then_some(1))?;
            Some((format!("{value}\\frac{{{top}}}{{{}}}", part(word)?), taken + end))
        }
        [(and, _), (half, end), ..] if same(and, "and") && same(half, "half") => {
            Some((format!("{value}\\frac{{1}}{{2}}"), taken + end))
        }
        [(point, _), (digit, end), ..] if same(point, "point") && small(digit).is_some_and(|digit| digit < 10) => {
            let mut decimals = small(digit)?.to_string();
            let mut end = end;
            for (word, place) in spoken(words, place + taken).skip(2) {
                let Some(digit) = small(word).filter(|digit| *digit < 10) else { break };
                decimals += &digit.to_string();
                end = place;
            }
            Some((format!("{value}.{decimals}"), taken + end))
        }
        _ => Some((value.to_string(), taken)),
    }
}

fn spoken_small_after(words: &[(&str, &str)], place: usize, end: usize) -> bool {
    spoken(words, place + end).next().is_some_and(|(word, _)| small(word).is_some())
}

/// "one third" and "two thirds", not "two third".
fn plural_fits(word: &str, value: u64) -> bool {
    (value == 1) != word.ends_with('s')
}

/// Whether a name of one letter stands before a place, and nothing else.
fn named(words: &[(&str, &str)], place: usize) -> bool {
    let mut before = words[..place].iter().map(|(word, _)| *word).filter(|word| !is_gap(word) && *word != "$");
    before.next().is_some_and(|word| word.chars().count() == 1) && before.next().is_none()
}

/// An operation in words that stands here.
fn operation(words: &[(&str, &str)], place: usize, after_number: bool) -> Option<(&'static str, usize)> {
    let here: Vec<(&str, usize)> = spoken(words, place).take(2).collect();
    let (first, end) = *here.first().filter(|_| !is_gap(words[place].0))?;
    let (name, sign) = OPERATIONS.iter().find(|(name, _)| {
        let mut parts = name.split(' ');
        parts.next().is_some_and(|part| same(part, first))
            && parts.next().is_none_or(|part| here.get(1).is_some_and(|(second, _)| same(part, second)))
    })?;
    let signs = matches!(*name, "minus" | "negative");
    let taken = if name.contains(' ') { here.get(1)?.1 } else { end };
    let before_number = spoken(words, place + taken).next().is_some_and(|(word, _)| {
        word.starts_with(|letter: char| letter.is_ascii_digit() || "\\$(√".contains(letter))
            || small(word).is_some()
            || word.chars().count() == 1
    });
    let fits = match *name {
        "minus" | "negative" => before_number,
        // a bound is about whatever is asked for; after a number it would be a part of a sentence
        "at least" | "at most" | "more than" | "greater than" | "less than" | "fewer than" => {
            before_number && place == 0
        }
        "plus" | "times" | "to" | "over" | "multiplied by" | "divided by" => after_number && before_number,
        // "x is 5"; "the sum is 5" has a subject in words
        "is" | "equals" | "equal to" => before_number && place > 0 && (after_number || named(words, place)),
        _ => after_number || signs,
    };
    fits.then_some((*sign, taken))
}
