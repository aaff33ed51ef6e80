//! The letter of a multiple choice, as people give it.

use crate::clean::clean;
use crate::find::{self, Mark, led, sentence};
use crate::lexicon;

/// The letter of a multiple choice that a text settles on: `(B)`, `B.`, `B) twelve`, `**B**`,
/// "Answer: C", "So I choose C."
///
/// What is marked as the answer is looked at first; else the text must begin with the letter, say
/// of one letter that it is the answer, or have exactly one in brackets. Several letters settle
/// nothing.
pub fn choice(text: &str) -> Option<char> {
    settled(&clean(text)).map(|(letter, _)| letter)
}

/// The letter of a cleaned text, and what marks it.
pub(crate) fn settled(text: &str) -> Option<(char, Mark)> {
    if let Some(marked) = find::marked(text) {
        let said = led(without_denied(&marked.text));
        let found = leading(said).or_else(|| asserted(sentence(said))).or_else(|| bracketed(said));
        return match (found, several(&marked.text)) {
            (Some(letter), false) => Some((letter, marked.mark)),
            _ => None,
        };
    }
    if several(text) {
        return None;
    }
    if let Some(letter) = leading(led(text)) {
        return Some((letter, Mark::Whole));
    }
    asserted(text).map(|letter| (letter, Mark::Statement)).or_else(|| Some((bracketed(text)?, Mark::Statement)))
}

/// "not A, but B" says B.
fn without_denied(text: &str) -> &str {
    let denied = lexicon::words(text).next().is_some_and(lexicon::negates);
    match text.find(" but ") {
        Some(at) if denied => &text[at + 5..],
        _ => text,
    }
}

/// A word that is one letter, with the brackets and signs around it taken off; lower case only in
/// brackets.
fn letter(word: &str) -> Option<char> {
    let mut bare = word.to_owned();
    for wrapper in ["\\textbf", "\\text", "\\mathrm", "\\mathbf", "\\boxed"] {
        bare = bare.replace(wrapper, "");
    }
    let bare = bare.trim_matches(|letter: char| !letter.is_alphanumeric());
    let mut letters = bare.chars();
    let one = letters.next().filter(|_| letters.next().is_none())?;
    let bracketed = word.contains('(') && word.contains(')');
    (one.is_ascii_uppercase() || bracketed && one.is_ascii_lowercase()).then(|| one.to_ascii_uppercase())
}

/// The letter that a text begins with, if it is alone or set off from what follows.
fn leading(text: &str) -> Option<char> {
    let bare = |letter: &char| !matches!(letter, '*' | '$' | '"' | '`');
    let text: String = text.trim().chars().filter(bare).take(60).collect();
    let mut text = text.trim();
    for wrapper in
        ["\\textbf", "\\text", "\\mathrm", "\\mathbf", "option ", "Option ", "choice ", "Choice ", "letter ", "Letter "]
    {
        text = text.strip_prefix(wrapper).unwrap_or(text).trim_start();
    }
    let opened = text.starts_with(['(', '[', '{']);
    let text = text.trim_start_matches(['(', '[', '{', ' ']);
    let mut letters = text.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    let rest = letters.as_str();
    let set_off = match rest.chars().next() {
        None => true,
        Some(')' | ']' | '}') => true,
        Some('.' | ':' | ',' | ';' | '\n' | '!') => !opened,
        Some(' ') => letter.is_ascii_uppercase() && follows_letter(rest.trim_start()),
        Some(_) => false,
    };
    // "(B) is wrong": what the sentence says of it decides
    let said = rest.trim_start_matches([')', ']', '}']);
    let verb = lexicon::words(said).next().filter(|_| said.starts_with(' ')).unwrap_or("").to_lowercase();
    let judged = lexicon::negates(&verb) || matches!(verb.as_str(), "is" | "was" | "would" | "seems" | "looks");
    (set_off && (!judged || rest.contains('\n'))).then(|| letter.to_ascii_uppercase())
}

/// Whether this may stand after a letter that is a choice: a dash, a reason. "A cat" is no choice.
fn follows_letter(rest: &str) -> bool {
    let dash = rest.starts_with(['-', '–', '—', '=', '(', '.']);
    let first = lexicon::words(rest).next().unwrap_or("").to_lowercase();
    let second = lexicon::words(rest).nth(1).unwrap_or("");
    let clause = matches!(
        first.as_str(),
        "because"
            | "since"
            | "as"
            | "which"
            | "due"
            | "given"
            | "based"
            | "for"
            | "with"
            | "so"
            | "when"
            | "by"
            | "if"
            | "where"
    );
    dash || clause || first == "and" && second.chars().count() > 1
}

/// Whether a text offers several letters at its beginning: `A or B`, `(A) and (C)`, `A, C`.
fn several(text: &str) -> bool {
    let words: Vec<&str> = sentence(text.trim()).split([' ', ',', '/', '&']).filter(|word| !word.is_empty()).collect();
    let lead = |word: &&str| {
        ["both", "either", "options", "option", "answers", "choices", "answer", "is", "the"]
            .iter()
            .any(|lead| word.eq_ignore_ascii_case(lead))
    };
    let first = words.iter().take_while(|word| lead(word)).count();
    if words.get(first).is_none_or(|word| letter(word).is_none()) {
        return false;
    }
    let ended = |word: &str| word.ends_with(['.', ':', ';']);
    if ended(words[first]) {
        return false;
    }
    let joined = words[first + 1..].iter().take_while(|word| {
        letter(word).is_some() || matches!(word.to_lowercase().as_str(), "and" | "or" | "either" | "both" | "and/or")
    });
    joined.filter_map(|word| letter(word)).any(|other| Some(other) != letter(words[first]))
}

/// The letter that the last sentence that settles on one settles on.
fn asserted(text: &str) -> Option<char> {
    let mut rest = text.trim();
    let mut found = None;
    while !rest.is_empty() {
        let said = sentence(rest);
        found = said.lines().rev().find_map(asserted_in).or(found);
        rest = rest[said.len()..].trim_start_matches(['.', '!', '?', ' ', '\n']);
    }
    found
}

fn asserted_in(said: &str) -> Option<char> {
    const BEFORE: [&str; 19] = [
        "option",
        "choice",
        "letter",
        "answer",
        "choose",
        "pick",
        "select",
        "be",
        "is",
        "with",
        "chose",
        "picked",
        "selected",
        "say",
        "mark",
        "statement",
        "it's",
        "that's",
        "one",
    ];
    const AFTER: [&str; 10] = ["correct", "right", "best", "answer", "it", "true", "choice", "option", "most", "the"];
    if said.ends_with('?') {
        return None;
    }
    let words: Vec<&str> = said.split_whitespace().collect();
    let plain = |place: usize| {
        let word = words.get(place).copied().unwrap_or("");
        word.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '\'').to_lowercase()
    };
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Some(one) = letter(word) else { continue };
        // "I do not think it is B" denies as well as "not B"; "not A, but B" says B
        let denied = (0..place).rev().map(plain).take_while(|word| word != "but").any(|word| lexicon::negates(&word));
        let (next, after) = (plain(place + 1), plain(place + 2));
        let denied = denied
            || next == "isn't"
            || matches!(next.as_str(), "is" | "seems" | "looks")
                && (lexicon::negates(&after) || lexicon::denies(&after));
        let opposed = (0..place).any(|place| lexicon::negates(&plain(place)));
        let before = place
            .checked_sub(1)
            .is_some_and(|place| BEFORE.contains(&plain(place).as_str()) || opposed && plain(place) == "but");
        let denied = denied || lexicon::negates(&next);
        let says = matches!(next.as_str(), "is" | "seems" | "it" | "must")
            && (AFTER.contains(&after.as_str()) || after == "is" || after == "be");
        // "A" and "I" are words, too: after a verb they must end what is said
        let ends = place + 1 == words.len()
            || word.ends_with(|letter: char| !letter.is_alphanumeric())
            || words[place + 1].starts_with(['-', '–', '—', '('])
            || follows_letter(&words[place + 1..].join(" "));
        if !denied && (says || before && (ends || !matches!(one, 'A' | 'I') || word.len() > 1)) {
            found.push(one);
        }
    }
    found.dedup();
    match found[..] {
        [one] => Some(one),
        [_, .., last] if said.contains(" but ") => Some(last),
        _ => None,
    }
}

/// The only letter that stands in round brackets.
fn bracketed(text: &str) -> Option<char> {
    let letters: Vec<char> = text.chars().collect();
    let mut found =
        letters.windows(3).filter(|three| three[0] == '(' && three[1].is_ascii_uppercase() && three[2] == ')');
    let letter = found.next()?[1];
    (found.all(|other| other[1] == letter) && !lexicon::denies(text)).then_some(letter)
}
