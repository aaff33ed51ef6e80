//! What unmarked prose says: the statement of its last sentence, its last formula, its emphasis.

use super::{complement, led, sentence};
use crate::lexicon;

/// What may be the value that prose ends with, the likeliest first.
pub(crate) fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let denies = |said: &&str| lexicon::denies(said) || said.ends_with('?');
    if sentences(text).last().is_some_and(denies) {
        return found;
    }
    found.extend(last_formula(text).map(str::to_owned));
    found.extend(emphasis(text).map(str::to_owned));
    let sentences = sentences(text);
    for said in sentences.iter().rev().take(1) {
        found.extend(complement(said).map(str::to_owned));
    }
    found
}

/// The sentences of a text.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim();
        while !rest.is_empty() {
            let first = sentence(rest);
            found.push(first);
            rest = rest[first.len()..].trim_start_matches(['.', '!', '?', ' ']);
        }
    }
    found
}

/// What stands between the last pair of formula delimiters.
fn last_formula(text: &str) -> Option<&str> {
    let pairs = [("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")];
    let found = pairs.iter().filter_map(|(open, close)| {
        let end = text.rfind(close)?;
        let start = text[..end].rfind(open)? + open.len();
        Some((end, text[start..end].trim()))
    });
    found.filter(|(_, formula)| !formula.is_empty()).max_by_key(|(end, _)| *end).map(|(_, formula)| formula)
}

/// What stands between the last pair of `**`.
fn emphasis(text: &str) -> Option<&str> {
    let end = text.rfind("**")?;
    let start = text[..end].rfind("**")? + 2;
    Some(text[start..end].trim()).filter(|inside| !inside.is_empty() && !inside.ends_with(':'))
}

/// The value that a text of one sentence calls right: "So 18 is correct.", "18 is the answer."
pub(crate) fn affirmed(text: &str) -> Option<&str> {
    let sentences = sentences(text);
    let [said] = sentences[..] else { return None };
    let (value, called) = said.split_once(" is ")?;
    let called = called.trim_start_matches("the ").trim_start_matches("our ").trim_start_matches("my ");
    let right = ["correct", "right", "answer", "final answer", "correct answer", "solution", "result"];
    let value = led(value);
    let begins = value.starts_with(|sign: char| sign.is_ascii_digit() || "$\\-".contains(sign));
    (begins && !value.contains(' ') && right.contains(&called)).then_some(value)
}

/// What a short answer in words may be called in its sentence: what begins it, and what it ends
/// with. A sentence that denies or leaves open gives none.
pub(crate) fn subject(text: &str) -> Vec<String> {
    let sentences = sentences(text);
    let mut found = Vec::new();
    let Some(last) = sentences.last() else { return found };
    // "No, it does not." says no, whatever it denies
    let first = lexicon::words(sentences[0]).next().unwrap_or("");
    if ["yes", "no", "true", "false"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
        return vec![first.to_owned()];
    }
    if is_open(last) {
        return found;
    }
    found.extend(emphasis(last).map(str::to_owned));
    found.extend(complement(last).map(str::to_owned));
    let lower = last.to_ascii_lowercase();
    let verb = [" is ", " are ", " was ", ", "].iter().filter_map(|verb| lower.find(verb)).min();
    found.extend(verb.map(|at| last[..at].to_owned()));
    found
}

/// Whether words beside the last numeral of a text make another number of it: "twice 8", "8 times
/// as many".
pub(crate) fn is_part_of_more(text: &str, numeral: &str) -> bool {
    const BEFORE: [&str; 36] = [
        "twice",
        "half",
        "double",
        "triple",
        "thrice",
        "times",
        "third",
        "quarter",
        "plus",
        "minus",
        "by",
        "under",
        "below",
        "over",
        "square",
        "cube",
        "root",
        "squares",
        "cubes",
        "log",
        "logarithm",
        "sine",
        "cosine",
        "tangent",
        "factorial",
        "reciprocal",
        "inverse",
        "opposite",
        "negative",
        "multiple",
        "multiples",
        "power",
        "digits",
        "remainder",
        "sqrt",
        "percent",
    ];
    const BEHIND: [&str; 14] = [
        "times", "below", "above", "percent", "is", "was", "isn't", "plus", "minus", "short", "squared", "cubed",
        "too", "thirds",
    ];
    let Some(at) = text.rfind(numeral) else { return false };
    let mut before: Vec<&str> = lexicon::words(&text[..at]).collect();
    before.reverse();
    let behind = lexicon::words(&text[at + numeral.len()..]);
    let among = |list: &[&str], word: &str| list.iter().any(|other| word.eq_ignore_ascii_case(other));
    before.iter().take(2).any(|word| among(&BEFORE, word)) || behind.take(2).any(|word| among(&BEHIND, word))
}

/// Whether what stands at the last numeral of a text denies it, bounds it, or takes its root: "not
/// 18", "more than 18", ">18", "18+", "sqrt(18)".
pub(crate) fn is_bounded(text: &str, numeral: &str) -> bool {
    let Some(at) = text.rfind(numeral) else { return false };
    let (before, behind) = (text[..at].trim_end_matches(['$', '\\', ' ']), &text[at + numeral.len()..]);
    let root = before.trim_end_matches(['(', '{']);
    let word = lexicon::words(before).last().filter(|word| before.ends_with(*word)).unwrap_or("").to_lowercase();
    lexicon::negates(&word)
        || matches!(word.as_str(), "than" | "least" | "most")
        || before.ends_with(['<', '>', '≤', '≥', '±', '√'])
        || ["sqrt", "log", "ln", "sin", "cos", "tan", "\\le", "\\ge", "\\pm"].iter().any(|name| root.ends_with(name))
        || behind.starts_with('+') && !behind[1..].trim_start().starts_with(|letter: char| letter.is_ascii_digit())
}

/// Whether a text ends with a sentence that denies what it names, or leaves it open.
pub(crate) fn is_open(text: &str) -> bool {
    const OPEN: [&str; 12] = [
        "or", "neither", "never", "if", "than", "between", "point", "maybe", "perhaps", "unless", "unlikely", "nearly",
    ];
    let sentences = sentences(text);
    let Some(last) = sentences.last() else { return false };
    let open = |word: &str| lexicon::negates(word) || OPEN.contains(&word.to_lowercase().as_str());
    last.ends_with('?') || lexicon::denies(last) || lexicon::words(last).any(open)
}
