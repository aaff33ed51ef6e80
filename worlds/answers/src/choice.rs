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
        if marked.together.as_deref().is_some_and(several) {
            return None;
        }
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
    let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    let text = unnamed(quoted.unwrap_or(&text));
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
        // "Cです", "C입니다"
        Some(other) => letter.is_ascii_uppercase() && is_joined(other) && !is_faulted(rest),
    };
    // "(B) is wrong": what the sentence says of it decides
    let said = rest.trim_start_matches([')', ']', '}']);
    let verb = lexicon::words(said).next().filter(|_| said.starts_with(' ')).unwrap_or("").to_lowercase();
    let judged = lexicon::negates(&verb) || matches!(verb.as_str(), "is" | "was" | "would" | "seems" | "looks");
    (set_off && (!judged || rest.contains('\n'))).then(|| letter.to_ascii_uppercase())
}

/// Without the words for a choice that stand before its letter, in several languages.
fn unnamed(text: &str) -> &str {
    const NAMES: [&str; 34] = [
        "\\textbf",
        "\\text",
        "\\mathrm",
        "\\mathbf",
        "=>",
        "->",
        "\\to",
        "\\Rightarrow",
        "option ",
        "choice ",
        "letter ",
        "answer ",
        "la ",
        "el ",
        "le ",
        "die ",
        "der ",
        "das ",
        "de ",
        "opción ",
        "opção ",
        "opzione ",
        "optie ",
        "alternativa ",
        "letra ",
        "lettre ",
        "lettera ",
        "réponse ",
        "respuesta ",
        "antwort ",
        "buchstabe ",
        "вариант ",
        "选项",
        "選項",
    ];
    let mut text = text.trim();
    loop {
        // the article of Portuguese, where a letter follows
        text = text.strip_prefix("a ").filter(|rest| letter(rest.trim_end_matches('.')).is_some()).unwrap_or(text);
        let lower = text.to_lowercase();
        let name = NAMES.iter().find(|name| lower.starts_with(&name.to_lowercase()));
        let Some(rest) = name.and_then(|name| text.get(name.len()..)) else { return text };
        text = rest.trim_start();
    }
}

/// Whether what is joined to a letter, up to the next sign, says that it is wrong.
fn is_faulted(rest: &str) -> bool {
    let said = rest.split([',', '.', ';', ' ', '\n']).next().unwrap_or(rest);
    ["错", "錯", "误", "誤", "不", "非", "違", "아니"].iter().any(|sign| said.contains(sign))
}

/// Whether a letter is of a script that puts no blank between words, or joins endings to them.
fn is_joined(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
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
            | "rather"
            | "instead"
    );
    dash || clause || first == "and" && second.chars().count() > 1
}

/// Whether a text offers several letters at its beginning: `A or B`, `(A) and (C)`, `A, C`.
fn several(text: &str) -> bool {
    // "A and B are wrong" offers none
    if lexicon::denies(sentence(text.trim())) && !text.contains(" or ") {
        return false;
    }
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
    const BEFORE: [&str; 31] = [
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
        "so",
        "hence",
        "thus",
        "therefore",
        "leaves",
        "leaving",
        "ответ",
        "вариант",
        "respuesta",
        "réponse",
        "antwort",
        "opción",
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
        let turns = |word: &String| matches!(word.as_str(), "but" | "so" | "hence" | "thus" | "therefore");
        let denied = (0..place).rev().map(plain).take_while(|word| !turns(word)).any(|word| lexicon::negates(&word));
        let (next, after) = (plain(place + 1), plain(place + 2));
        let denied = denied
            || next == "isn't"
            || matches!(next.as_str(), "is" | "seems" | "looks")
                && (lexicon::negates(&after) || lexicon::denies(&after));
        let opposed = (0..place).any(|place| lexicon::negates(&plain(place)));
        let hedged = (0..place).rev().take(2).map(plain).any(|word| matches!(word.as_str(), "could" | "might" | "may"));
        let before = place
            .checked_sub(1)
            .filter(|_| !hedged)
            .is_some_and(|place| BEFORE.contains(&plain(place).as_str()) || opposed && plain(place) == "but");
        // "B, not A" gives B
        let denied = denied || lexicon::negates(&next) && !word.ends_with(',');
        let says = matches!(next.as_str(), "is" | "seems" | "it" | "must")
            && (AFTER.contains(&after.as_str()) || after == "is" || after == "be");
        // "of these, only B holds"
        let remains = matches!(next.as_str(), "holds" | "works" | "fits" | "remains")
            && place.checked_sub(1).is_some_and(|place| plain(place) == "only");
        // "A" and "I" are words, too: after a verb they must end what is said
        let ends = place + 1 == words.len()
            || word.ends_with(|letter: char| !letter.is_alphanumeric())
            || words[place + 1].starts_with(['-', '–', '—', '('])
            || follows_letter(&words[place + 1..].join(" "));
        if !denied && (says || remains || before && (ends || !matches!(one, 'A' | 'I') || word.len() > 1)) {
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
