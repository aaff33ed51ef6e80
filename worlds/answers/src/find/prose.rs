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
    let is_verdict =
        |word: &str| ["yes", "no", "true", "false"].iter().any(|verdict| word.eq_ignore_ascii_case(verdict));
    if is_verdict(first) {
        // "yes and no" says neither
        let second = lexicon::words(sentences[0]).nth(2).unwrap_or("");
        let joined = lexicon::words(sentences[0]).nth(1).is_some_and(|word| matches!(word, "and" | "or"));
        return if joined && is_verdict(second) { Vec::new() } else { vec![first.to_owned()] };
    }
    // "The statement is false." denies nothing but what was asked
    if let Some(said) = complement(last)
        && is_verdict(said)
        && !lexicon::denies(&last[..last.len() - said.len()])
    {
        return vec![said.to_owned()];
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

/// Whether a sentence says something of the last numeral of a text, which then is no result: "18
/// is too much".
pub(crate) fn is_spoken_of(text: &str, numeral: &str) -> bool {
    const BEHIND: [&str; 8] = ["percent", "is", "was", "isn't", "too", "times", "below", "above"];
    let Some(at) = text.rfind(numeral) else { return false };
    let behind = lexicon::words(&text[at + numeral.len()..]).take(2);
    let by = lexicon::words(&text[..at]).last().is_some_and(|word| word.eq_ignore_ascii_case("by"));
    by || behind.into_iter().any(|word| BEHIND.iter().any(|other| word.eq_ignore_ascii_case(other)))
}

/// Whether a text ends with a sentence that denies what it names, or leaves it open.
pub(crate) fn is_open(text: &str) -> bool {
    const OPEN: [&str; 15] = [
        "or",
        "neither",
        "never",
        "if",
        "than",
        "between",
        "point",
        "maybe",
        "perhaps",
        "unless",
        "unlikely",
        "nearly",
        "suppose",
        "supposing",
        "nobody",
    ];
    let sentences = sentences(text);
    let Some(last) = sentences.last() else { return false };
    let open = |word: &str| lexicon::negates(word) || OPEN.contains(&word.to_lowercase().as_str());
    last.ends_with('?') || lexicon::denies(last) || lexicon::words(last).any(open)
}
