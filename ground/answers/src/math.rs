//! Answers compared as mathematics.
//!
//! Both sides are read as formulas; what cannot be read so is compared as words. A response that marks no answer is taken
//! as a whole, then by its last formula, then, for a reference that is a number, by its last numeral.

use crate::compare::{compare, rational};
use crate::extract::{choice, final_answer};
use crate::fuel::Fuel;
use crate::judgement::{Agreement, Difference, Doubt, Judgement};
use crate::read::{Unread, read};
use crate::tree::{Expr, Form};
use crate::{number, special, words};

pub(crate) fn judge(gold: &str, answer: &str) -> Judgement {
    let gold = final_answer(gold).unwrap_or(gold).trim();
    if gold.is_empty() {
        return Judgement::Unsettled(Doubt::NoReference);
    }
    if let Some(marked) = final_answer(answer) {
        return one(gold, marked.trim());
    }
    let whole = one(gold, answer.trim());
    // prose without a marked answer: what it says last, if that is a formula
    if whole.correct() == Some(true) || !is_prose(answer) {
        return whole;
    }
    last_formula(answer).map_or_else(|| by_number(gold, answer, whole), |formula| one(gold, formula))
}

/// Several words, as in a sentence.
fn is_prose(text: &str) -> bool {
    let word = |word: &&str| word.chars().filter(|letter| letter.is_alphabetic()).count() > 1 && !word.contains('\\');
    text.split_whitespace().filter(word).take(3).count() == 3
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

fn by_number(gold: &str, answer: &str, otherwise: Judgement) -> Judgement {
    let is_number = matches!(read(gold), Ok(Form::Value(expr, _)) if rational(&expr, &Fuel::new()).is_some());
    if is_number { number::judge(gold, answer) } else { otherwise }
}

/// Compares two answers, nothing around them.
fn one(gold: &str, answer: &str) -> Judgement {
    let (gold, answer) = (tidy(gold), tidy(answer));
    if answer.is_empty() {
        return Judgement::Wrong(Difference::NoAnswer);
    }
    if gold == answer {
        return Judgement::Right(Agreement::Identical);
    }
    let special = by_choice(gold, answer).or_else(|| by_time(gold, answer)).or_else(|| by_base(gold, answer));
    special.unwrap_or_else(|| by_form(gold, answer))
}

/// Without blanks, delimiters and the full stop of a sentence around it.
fn tidy(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text.len();
        for (open, close) in
            [("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("\"", "\""), ("`", "`")]
        {
            let inside = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
            // "$5$ and $6$" begins and ends with a sign and is not one formula
            text = inside.filter(|inside| !inside.contains(open)).unwrap_or(text).trim();
        }
        text = text.strip_suffix(['.', ',', ';']).unwrap_or(text).trim();
        text = text.strip_suffix("\\").unwrap_or(text).trim();
        if text.len() == before {
            return text;
        }
    }
}

/// A reference that is one capital letter is a choice, if the answer begins with a letter that is set off.
fn by_choice(gold: &str, answer: &str) -> Option<Judgement> {
    let letter = choice(gold)
        .filter(|_| gold.chars().filter(|letter| letter.is_alphanumeric()).count() == 1 || gold.contains("\\text"))?;
    if !gold.contains(letter) || !('A'..='J').contains(&letter) || words::plain(gold).chars().count() != 1 {
        return None;
    }
    let answer = choice(answer)?;
    Some(if answer == letter { Judgement::Right(Agreement::SameChoice) } else { Judgement::Wrong(Difference::Choice) })
}

fn by_time(gold: &str, answer: &str) -> Option<Judgement> {
    let (gold, answer) = (special::time(gold)?, special::time(answer)?);
    Some(if gold.agrees(answer) { Judgement::Right(Agreement::SameTime) } else { Judgement::Wrong(Difference::Time) })
}

/// Numerals with a base: the values count; a side that leaves out the base must have the same digits or the same value.
fn by_base(gold: &str, answer: &str) -> Option<Judgement> {
    let digits =
        |text: &str| text.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect::<String>().to_lowercase();
    let (with, without) = match (special::based(gold), special::based(answer)) {
        (Some(gold), Some(answer)) if gold.value == answer.value => {
            return Some(Judgement::Right(Agreement::SameValue));
        }
        (Some(_), Some(_)) => return Some(Judgement::Wrong(Difference::Value)),
        (Some(with), None) => (with, answer),
        (None, Some(with)) => (with, gold),
        (None, None) => return None,
    };
    let plain = digits(without).trim_start_matches('0').to_owned();
    if plain == with.digits && !without.contains('.') {
        return Some(Judgement::Right(Agreement::BaseOmitted));
    }
    let value = Form::Value(Expr::Number(with.value.into()), None);
    Some(read(without).map_or(Judgement::Wrong(Difference::Kind), |form| compare(&value, &form, &Fuel::new())))
}

/// As formulas, else as words.
fn by_form(gold: &str, answer: &str) -> Judgement {
    let (gold_words, answer_words) = (words::plain(gold), words::plain(answer));
    let is_text = words::is_text(gold) && !gold_words.is_empty();
    if is_text && gold_words == answer_words {
        return Judgement::Right(Agreement::SameText);
    }
    let gold = words::as_mathematics(&gold_words).unwrap_or(gold);
    let answer = words::as_mathematics(&answer_words).unwrap_or(answer);
    match (read(gold), read(answer)) {
        (Ok(gold), Ok(answer)) => compare(&gold, &answer, &Fuel::new()),
        (Err(Unread::Doubt(doubt)), _) | (_, Err(Unread::Doubt(doubt))) => Judgement::Unsettled(doubt),
        (Err(Unread::Words), _) if gold_words == answer_words => Judgement::Right(Agreement::SameText),
        (Err(Unread::Words), _) => Judgement::Wrong(Difference::Text),
        (Err(Unread::Malformed), _) => Judgement::Unsettled(Doubt::ReferenceUnreadable),
        (Ok(_), Err(Unread::Words)) => Judgement::Wrong(Difference::Kind),
        (Ok(_), Err(Unread::Malformed)) => Judgement::Wrong(Difference::Malformed),
    }
}
