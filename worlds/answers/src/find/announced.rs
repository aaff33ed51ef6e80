//! Answers that are announced in words, in several languages.

use super::{Mark, Marked, but, complement, led, sentence};
use crate::lexicon;

/// What is announced, in lower case, and whether something may stand between it and the word that
/// gives it.
const NOUNS: [(&str, bool); 42] = [
    ("answer", true),
    ("answers", true),
    ("ans", false),
    ("solution", false),
    ("solutions", false),
    ("result", false),
    ("output", false),
    ("therefore", false),
    ("correct option", false),
    ("correct choice", false),
    ("best option", false),
    ("best choice", false),
    ("right option", false),
    ("right choice", false),
    ("respuesta", true),
    ("réponse", true),
    ("antwort", true),
    ("ergebnis", false),
    ("endergebnis", false),
    ("risposta", true),
    ("resposta", true),
    ("antwoord", true),
    ("svar", false),
    ("odpowiedź", true),
    ("ответ", true),
    ("cevap", false),
    ("đáp án", false),
    ("الجواب", false),
    ("الإجابة", false),
    ("उत्तर", false),
    ("lösung", true),
    ("solución", true),
    ("solução", true),
    ("soluzione", true),
    ("oplossing", true),
    ("resultado", false),
    ("résultat", false),
    ("risultato", false),
    ("odpověď", true),
    ("відповідь", true),
    ("вариант", false),
    ("απάντηση", true),
];

/// The same in scripts that put no blanks between words; what follows may follow at once.
const JOINED: [&str; 16] = [
    "选项",
    "คำตอบคือ",
    "คำตอบ",
    "正解",
    "해답",
    "答案",
    "答え",
    "答",
    "故选",
    "应选",
    "选择",
    "选",
    "選",
    "정답",
    "답",
    "解答",
];

/// What gives an announced answer: after a noun, and whether it must be set off by blanks.
const LINKS: [(&str, bool); 34] = [
    ("would be", true),
    ("should be", true),
    ("must be", true),
    ("will be", true),
    ("has to be", true),
    ("can only be", true),
    ("is", true),
    ("are", true),
    ("was", true),
    ("equals", true),
    ("es", true),
    ("est", true),
    ("sont", true),
    ("son", true),
    ("ist", true),
    ("lautet", true),
    ("sind", true),
    ("è", true),
    ("é", true),
    ("är", true),
    ("jest", true),
    ("هو", true),
    ("هي", true),
    ("है", true),
    ("là", true),
    ("是", false),
    ("为", false),
    ("為", false),
    ("は", false),
    ("은", false),
    ("는", false),
    (":", false),
    ("=", false),
    ("→", false),
];

/// What an answer may be called that is none: "the answer is correct".
const PRAISE: [&str; 24] = [
    "correct",
    "right",
    "wrong",
    "helpful",
    "clear",
    "unique",
    "reasonable",
    "consistent",
    "verified",
    "confirmed",
    "incorrect",
    "obvious",
    "below",
    "above",
    "richtig",
    "falsch",
    "correcta",
    "incorrecta",
    "correcte",
    "juste",
    "corretta",
    "correta",
    "верный",
    "неверный",
];

/// A text in lower case, every letter at its place.
fn lowered(text: &str) -> String {
    let lower = |letter: char| {
        let mut lower = letter.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(one), None) if one.len_utf8() == letter.len_utf8() => one,
            _ => letter,
        }
    };
    text.chars().map(lower).collect()
}

/// The last answer that is announced and not denied.
pub(super) fn announced(text: &str) -> Option<Marked> {
    let lower = lowered(text);
    let mut starts: Vec<(usize, usize, Style)> = Vec::new();
    for (noun, far) in NOUNS {
        let found = lower.match_indices(noun).filter(|(at, noun)| is_set_off(&lower, *at, noun.len()));
        starts.extend(found.map(|(at, noun)| (at, at + noun.len(), if far { Style::Far } else { Style::Near })));
    }
    for noun in JOINED {
        starts.extend(lower.match_indices(noun).map(|(at, noun)| (at, at + noun.len(), Style::Joined)));
    }
    starts.sort_unstable_by_key(|(at, end, _)| (*at, std::cmp::Reverse(*end)));
    starts.dedup_by_key(|(at, _, _)| *at);
    while let Some((start, end, style)) = starts.pop() {
        let Some(place) = linked(&lower, end, style) else { continue };
        let Some(given) = given(&text[place..]) else { continue };
        // "Solution:" may be the heading of a derivation
        if style == Style::Near && (given.len() > 60 || text[end..place].contains('\n')) {
            continue;
        }
        if is_supposed(&lower[..start]) {
            match but(&given) {
                Some(said) => return Some(Marked::new(Mark::Announced, said)),
                None if starts.is_empty() && text[place..].trim_start().len() <= sentence(&given).len() + 1 => {
                    return Some(Marked::new(Mark::Announced, ""));
                }
                None => continue,
            }
        }
        let first = lexicon::words(&given).next().unwrap_or("").to_lowercase();
        let denied = lexicon::negates(&first) && but(&given).is_none();
        if !denied && !PRAISE.contains(&first.as_str()) {
            let given = corrected(&text[place..]).unwrap_or(given);
            return Some(Marked::new(Mark::Announced, &given));
        }
        if denied && starts.is_empty() {
            return Some(Marked::new(Mark::Announced, ""));
        }
    }
    None
}

/// Whether what leads to an announcement takes it back or only supposes it: "if the answer is",
/// "I don't think that the answer is", "a wrong answer is".
fn is_supposed(before: &str) -> bool {
    const ADJECTIVES: [&str; 11] = ["the", "a", "an", "our", "my", "your", "final", "correct", "right", "best", "that"];
    const SUPPOSES: [&str; 13] = [
        "if",
        "suppose",
        "supposing",
        "assume",
        "assuming",
        "whether",
        "unless",
        "imagine",
        "pretend",
        "doubt",
        "wrong",
        "incorrect",
        "false",
    ];
    const SAYS: [&str; 12] =
        ["think", "thinks", "believe", "say", "says", "said", "true", "mean", "means", "claim", "imply", "follow"];
    const MODALS: [&str; 4] = ["would", "might", "could", "may"];
    let said = before.rsplit(['.', '!', '?', '\n', ';']).next().unwrap_or(before);
    let mut words: Vec<&str> = lexicon::words(said).collect();
    while words.last().is_some_and(|word| ADJECTIVES.contains(word)) {
        words.pop();
    }
    let behind = |places: usize| words.len().checked_sub(places).map_or("", |at| words[at]);
    let (verb, modal, subject) = (behind(1), behind(2), behind(3));
    let negates = |word: &str| lexicon::negates(word) || ["nobody", "never", "hardly"].contains(&word);
    SUPPOSES.contains(&verb)
        || SAYS.contains(&verb)
            && (negates(modal)
                || negates(subject)
                || MODALS.contains(&modal) && !["i", "we"].contains(&subject)
                || verb == "true" && matches!(words.first(), Some(&"is")))
}

/// What is given anew behind an announcement: "… is 14. Actually, it is 15."
fn corrected(announced: &str) -> Option<String> {
    const CUES: [&str; 8] = ["actually", "correction", "wait", "no", "sorry", "oops", "hmm", "rather"];
    let announced = announced.trim_start();
    let first = sentence(announced);
    let first = first.split("; ").next().unwrap_or(first);
    let mut rest = &announced[first.len()..];
    let mut found = None;
    loop {
        rest = rest.trim_start_matches(['.', '!', '?', ';', '-', '—', ' ', '\n']);
        if rest.is_empty() {
            return found;
        }
        let said = sentence(rest);
        let is_cue = |word: &str| CUES.iter().any(|cue| word.eq_ignore_ascii_case(cue));
        if lexicon::words(said).next().is_some_and(is_cue) && !lexicon::denies(said) {
            let plainly = said.split_once(' ').filter(|(cue, _)| !cue.eq_ignore_ascii_case("no"));
            let behind = said.split_once([',', ':']).or(plainly).map_or("", |(_, behind)| behind);
            let value = complement(said).map_or_else(|| led(behind), led).trim();
            let begins = |sign: char| sign.is_ascii_digit() || "$\\-".contains(sign);
            found = Some(value.to_owned()).filter(|value| value.starts_with(begins)).or(found);
        }
        rest = &rest[said.len()..];
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Words may stand before the link: "the answer to part (b) is".
    Far,
    Near,
    /// No blank and no link is needed.
    Joined,
}

fn is_set_off(text: &str, at: usize, length: usize) -> bool {
    let letter = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
    !letter(text[..at].chars().next_back()) && !letter(text[at + length..].chars().next())
}

/// Where what is announced begins: behind the link, or on the next line where the noun is a
/// heading.
fn linked(lower: &str, end: usize, style: Style) -> Option<usize> {
    let rest = &lower[end..];
    let skipped = rest.len() - rest.trim_start_matches(['*', '_', ' ', '\t', '"']).len();
    let after = &rest[skipped..];
    if after.starts_with('\n') && lower[..end].lines().next_back().is_some_and(|line| line.len() < 40) {
        return Some(end + skipped);
    }
    if let Some(length) = link(after) {
        return Some(end + skipped + length);
    }
    match style {
        Style::Joined => Some(end + skipped),
        Style::Far => {
            let line = after.split(['\n', '?']).next().unwrap_or(after);
            let stop = line.match_indices(". ").map(|(at, _)| at).next().unwrap_or(line.len());
            let places = line[..stop].match_indices(' ').map(|(at, _)| at + 1).filter(|at| *at < 70);
            let found = places.into_iter().find_map(|at| {
                let length = link(&line[at..]).filter(|_| !line[at..].starts_with('='))?;
                Some(at + length)
            });
            // "answer (part b): 5"
            let colon = line[..stop].find("):").filter(|at| *at < 30 && line.starts_with('(')).map(|at| at + 2);
            found.or(colon).map(|at| end + skipped + at)
        }
        Style::Near => None,
    }
}

/// The length of a link that stands here.
fn link(text: &str) -> Option<usize> {
    let found = LINKS.iter().find(|(word, set_off)| {
        text.strip_prefix(word)
            .is_some_and(|rest| !set_off || !rest.starts_with(|letter: char| letter.is_alphanumeric()))
    });
    let dash = ["- ", "– ", "— "].iter().find(|dash| text.starts_with(**dash)).map(|dash| dash.len());
    found.map(|(word, _)| word.len()).or(dash)
}

/// What is given: the rest of the line, or the next that has something; a formula that is set off
/// as a whole.
fn given(rest: &str) -> Option<String> {
    let rest = rest.trim_start_matches([':', ' ', '\t', '_', '"']);
    // a quotation of Markdown; on the same line it is a relation
    let quoted = rest.strip_prefix('\n').map(|rest| rest.trim_start_matches(['\n', ' ', '>']));
    let rest = quoted.unwrap_or(rest);
    // the emphasis of "**Answer:** 12" closes here, that of "**12**" opens
    let closes = |rest: &str| rest.lines().next().unwrap_or("").matches("**").count() % 2 == 1;
    let rest = rest.strip_prefix("**").filter(|_| closes(rest)).unwrap_or(rest).trim_start_matches([':', ' ']);
    let rest = rest.trim_start();
    for (open, close) in [("$$", "$$"), ("\\[", "\\]")] {
        if let Some((inside, after)) = rest.strip_prefix(open).and_then(|rest| rest.split_once(close)) {
            let line = after.lines().next().unwrap_or("");
            return Some(format!("{} {}", inside.trim(), sentence(line)).trim().to_owned());
        }
    }
    let line = rest.lines().find(|line| !line.trim().is_empty())?;
    Some(line.trim().to_owned())
}
