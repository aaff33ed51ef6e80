//! What unmarked prose says: the statement of its last sentence, its last formula, its emphasis.

use super::sentence;
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

/// What a sentence says of its subject: what stands after its last "is", "equals" or "find that".
fn complement(sentence: &str) -> Option<&str> {
    const LINKS: [&str; 19] = [
        " is ",
        " are ",
        " was ",
        " were ",
        " be ",
        " equals ",
        " equal to ",
        " gives ",
        " get ",
        " gets ",
        " yields ",
        " has ",
        " have ",
        " find ",
        " makes ",
        " costs ",
        " obtain ",
        " remain ",
        " becomes ",
    ];
    let lower = sentence.to_ascii_lowercase();
    let at = LINKS.iter().filter_map(|link| Some(lower.rfind(link)? + link.len())).max()?;
    let said = &sentence[at..];
    let denied = lexicon::words(said).next().is_some_and(lexicon::negates);
    (!denied).then_some(said)
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
    const BEFORE: [&str; 14] = [
        "twice", "half", "double", "triple", "thrice", "times", "third", "quarter", "plus", "minus", "by", "under",
        "below", "over",
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
