//! Whether a text does what an instruction asks for.

use crate::asks::Asks;
use crate::capitals::words_in_capitals;
use crate::language::{is_english, is_in};
use crate::layout::{begins, bullets, highlights, is_json, paragraphs, placeholders, title, two_responses};
use crate::pattern::compiled;
use crate::sentences::sentences;

const OPTIONS: [&str; 3] = ["My answer is yes.", "My answer is no.", "My answer is maybe."];

pub(crate) fn follows(asks: &Asks, text: &str) -> bool {
    match asks {
        Asks::NoComma => !text.contains(','),
        Asks::Quotation => {
            let text = text.trim();
            text.chars().count() > 1 && text.starts_with('"') && text.ends_with('"')
        }
        Asks::Title => title(text),
        Asks::Json => is_json(text),
        Asks::TwoResponses => two_responses(text),
        Asks::OneOfThree => OPTIONS.iter().any(|option| text.contains(option)),
        Asks::Lowercase => has(text, char::is_lowercase) && !has(text, char::is_uppercase) && is_english(text),
        Asks::Capitals => has(text, char::is_uppercase) && !has(text, char::is_lowercase) && is_english(text),
        Asks::Language(code) => is_in(text, code),
        Asks::RepeatPrompt(prompt) => text.trim().to_lowercase().starts_with(prompt.as_str()),
        Asks::EndsWith(phrase) => text.trim().trim_matches('"').to_lowercase().ends_with(phrase.as_str()),
        Asks::Postscript(mark) => mark.is_match(&text.to_lowercase()),
        Asks::Sections(mark, least) => mark.find_iter(text).count() as u64 >= *least,
        Asks::Keywords(words) => words.iter().all(|word| word.is_match(text)),
        Asks::Forbidden(words) => !words.iter().any(|word| word.is_match(text)),
        Asks::Keyword(word, amount) => amount.holds(word.find_iter(text).count()),
        Asks::Letter(letter, amount) => {
            amount.holds(text.to_lowercase().chars().filter(|other| other == letter).count())
        }
        Asks::CapitalWords(amount) => amount.holds(words_in_capitals(text)),
        Asks::Words(amount) => amount.holds(words(text)),
        Asks::Sentences(amount) => amount.holds(sentences(text)),
        Asks::Highlights(least) => highlights(text) >= *least,
        Asks::Placeholders(least) => placeholders(text) >= *least,
        Asks::Bullets(exactly) => bullets(text) == *exactly,
        Asks::Paragraphs(exactly) => paragraphs(text) == Some(*exactly),
        Asks::ParagraphBegins { paragraphs, which, word } => begins(text, *paragraphs, *which, word),
    }
}

fn has(text: &str, is: fn(char) -> bool) -> bool {
    text.chars().any(is)
}

/// Runs of letters, digits and underscores; signs that combine with letters part words, as in
/// Python.
fn words(text: &str) -> usize {
    compiled(r"[\p{L}\p{N}_]+").find_iter(text).count()
}
