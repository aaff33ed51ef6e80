//! Answers compared as mathematics.
//!
//! Both sides are read as formulas; what cannot be read so is compared as words. A response that
//! marks no answer is taken as a whole, then by its last formula, then, for a reference that is a
//! number, by its last numeral.

use crate::choice;
use crate::clean::clean;
use crate::compare::{compare, rational};
use crate::find::{
    self, Mark, affirmed, cuts, is_changed, is_open, is_spoken_of, marked_cuts, numerals, statements, subject,
};
use crate::fuel::Fuel;
use crate::judgement::{Agreement, Difference, Doubt, Judged, Judgement};
use crate::read::{Unread, read};
use crate::tree::{Expr, Form};
use crate::{special, spoken, words};

pub(crate) fn judge(gold: &str, answer: &str) -> Judged {
    let (gold, answer) = (clean(gold), clean(answer));
    let gold = reference(&gold);
    if gold.is_empty() {
        return Judged::unread(Judgement::Unsettled(Doubt::NoReference));
    }
    if let Some(letter) = letter(&gold) {
        return by_choice(letter, &answer);
    }
    let Some(marked) = find::marked(&answer) else { return unmarked(&gold, &answer) };
    let judgement = settled(&gold, &marked.text);
    let together = marked.together.filter(|_| judgement.correct() != Some(true));
    let together = together.map(|list| settled(&gold, &list)).filter(|whole| whole.correct() == Some(true));
    Judged::read(marked.mark, together.unwrap_or(judgement))
}

/// The reference: what it marks, else all of it.
fn reference(gold: &str) -> String {
    let Some(marked) = find::marked(gold) else {
        return find::unlabelled(gold.trim()).unwrap_or(gold.trim()).to_owned();
    };
    let cuts = cuts(&marked.text);
    let readable = cuts.iter().find(|cut| read(tidy(cut)).is_ok());
    readable.or(cuts.first()).cloned().unwrap_or_default()
}

/// Compares what a marked stretch gives: the first cut that can be read, in words any.
fn settled(gold: &str, text: &str) -> Judgement {
    let mut unread = Judgement::Wrong(Difference::NoAnswer);
    for cut in marked_cuts(text) {
        match one(gold, &cut) {
            Ok(judgement) => return judgement,
            Err(judgement) => unread = judgement,
        }
    }
    unread
}

/// A response that marks nothing: the whole, a line that is a value, what its last sentence says,
/// its last numeral.
fn unmarked(gold: &str, answer: &str) -> Judged {
    let otherwise = match settled_whole(gold, answer.trim()) {
        Ok(judgement)
            if judgement.correct() == Some(true)
                || judgement == Judgement::Wrong(Difference::Unit) && !answer.contains('\n')
                || !is_prose(answer, 3) =>
        {
            return Judged::read(Mark::Whole, judgement);
        }
        Ok(judgement) => judgement,
        Err(judgement) if !is_prose(answer, 2) => return Judged::read(Mark::Whole, judgement),
        Err(judgement) => judgement,
    };
    if let Some(judgement) = by_line(gold, answer) {
        return Judged::read(Mark::Line, judgement);
    }
    if words::is_text(gold) && is_on_a_line(gold, answer) {
        return Judged::read(Mark::Line, Judgement::Right(Agreement::SameText));
    }
    if words::is_text(gold) && subject(answer).iter().any(|said| is_said(gold, said)) {
        return Judged::read(Mark::Statement, Judgement::Right(Agreement::SameText));
    }
    if let Some(judgement) = affirmed(answer).and_then(|said| one(gold, said).ok()) {
        return Judged::read(Mark::Statement, judgement);
    }
    for said in statements(answer) {
        if let Some(judgement) = cuts(&said).iter().find_map(|cut| one(gold, cut).ok()) {
            return Judged::read(Mark::Statement, judgement);
        }
    }
    let number = match read(gold) {
        Ok(Form::Value(expr, _)) => rational(&expr, &Fuel::new()).is_some(),
        Ok(Form::Chain(..) | Form::Proportion(_)) => true,
        _ => special::based(gold).is_some(),
    };
    let numeral = numerals(answer)
        .last()
        .filter(|last| number && !is_open(answer) && !is_spoken_of(answer, last) && !is_changed(answer, last))
        .copied()
        .and_then(|last| one(gold, last).ok());
    numeral.map_or(Judged::read(Mark::Whole, otherwise), |judgement| Judged::read(Mark::Numeral, judgement))
}

/// The whole of a response; several lines that each say what a name is are a list.
fn settled_whole(gold: &str, answer: &str) -> Result<Judgement, Judgement> {
    let lines: Vec<&str> = answer.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_equation = |line: &&str| line.split_once('=').is_some_and(|(name, _)| name.trim().chars().count() <= 3);
    if lines.len() > 1 && lines.iter().all(is_equation) {
        return one(gold, &lines.join(", "));
    }
    let mut unread = Judgement::Wrong(Difference::NoAnswer);
    for cut in if answer.contains('\n') { vec![answer.to_owned()] } else { cuts(answer) } {
        match one(gold, &cut) {
            Ok(judgement) => return Ok(judgement),
            Err(judgement) => unread = judgement,
        }
    }
    Err(unread)
}

/// A line of several that is nothing but a value: the last line, else the first.
fn by_line(gold: &str, answer: &str) -> Option<Judgement> {
    let lines: Vec<&str> = answer.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let [first, .., last] = lines[..] else { return None };
    [last, first].into_iter().find_map(|line| {
        let is_value = !is_prose(line, 2) && cuts(line).iter().any(|cut| read(tidy(cut)).is_ok());
        is_value.then(|| cuts(line).iter().find_map(|cut| one(gold, cut).ok())).flatten()
    })
}

/// Whether a reference in words stands on the first or the last line, and the others are sentences.
fn is_on_a_line(gold: &str, answer: &str) -> bool {
    let lines: Vec<&str> = answer.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (Some((first, behind)), Some((last, before))) = (lines.split_first(), lines.split_last()) else { return false };
    let sentences = |lines: &[&str]| !lines.is_empty() && lines.iter().all(|line| is_prose(line, 3));
    sentences(behind) && is_said(gold, first) || sentences(before) && is_said(gold, last)
}

/// Whether a reference in words is what a sentence says, emphasis and clauses aside.
fn is_said(gold: &str, said: &str) -> bool {
    let gold = words::plain(gold);
    cuts(said).iter().any(|cut| words::plain(cut) == gold)
}

/// Whether a text is a sentence: of at least `words` words.
fn is_prose(text: &str, words: usize) -> bool {
    let word = |word: &&str| word.chars().filter(|letter| letter.is_alphabetic()).count() > 1 && !word.contains('\\');
    // scripts that put no blanks between words
    let joined = text.chars().filter(|letter| matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'));
    text.split_whitespace().filter(word).take(words).count() == words || joined.take(words).count() == words
}

/// Compares two answers, nothing around them; `Err` with what to say if nothing shorter can be read
/// either.
fn one(gold: &str, answer: &str) -> Result<Judgement, Judgement> {
    let (gold, answer) = (tidy(gold), tidy(answer));
    if answer.is_empty() {
        return Err(Judgement::Wrong(Difference::NoAnswer));
    }
    if gold == answer {
        return Ok(Judgement::Right(Agreement::Identical));
    }
    if let Some(judgement) = by_grouping(gold, answer) {
        return Ok(judgement);
    }
    let special = by_time(gold, answer).or_else(|| by_date(gold, answer));
    match special.or_else(|| by_ordinal(gold, answer)).or_else(|| by_base(gold, answer)) {
        Some(judgement) => Ok(judgement),
        None if special::based(gold).is_some() => Err(Judgement::Wrong(Difference::Kind)),
        None => by_form(gold, answer),
    }
}

/// Without blanks, delimiters and the full stop of a sentence around it.
fn tidy(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text.len();
        for (open, close) in [
            ("$$", "$$"),
            ("$", "$"),
            ("\\(", "\\)"),
            ("\\[", "\\]"),
            ("**", "**"),
            ("\"", "\""),
            ("'", "'"),
            ("`", "`"),
        ] {
            let inside = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
            // "$5$ and $6$" begins and ends with a sign and is not one formula
            text = inside.filter(|inside| !inside.contains(open)).unwrap_or(text).trim();
        }
        text = text.strip_suffix(['.', ',', ';']).filter(|text| !text.ends_with('.')).unwrap_or(text).trim();
        text = text.strip_suffix("\\").unwrap_or(text).trim();
        if text.len() == before {
            return text;
        }
    }
}

/// The letter of a reference that is one capital letter, as choices are.
fn letter(gold: &str) -> Option<char> {
    let (letter, _) = choice::settled(gold)?;
    let plain = words::plain(gold);
    (('A'..='J').contains(&letter) && gold.contains(letter) && plain.chars().count() == 1).then_some(letter)
}

fn by_choice(letter: char, answer: &str) -> Judged {
    match choice::settled(answer) {
        None => Judged::unread(Judgement::Wrong(Difference::NoAnswer)),
        Some((other, mark)) if other == letter => Judged::read(mark, Judgement::Right(Agreement::SameChoice)),
        Some((_, mark)) => Judged::read(mark, Judgement::Wrong(Difference::Choice)),
    }
}

/// Thousands and lakhs grouped as in India, beside a plain number: "12,34,567".
fn by_grouping(gold: &str, answer: &str) -> Option<Judgement> {
    let groups: Vec<&str> = answer.split(',').collect();
    let [first, middle @ .., last] = &groups[..] else { return None };
    let digits = |group: &str, length: usize| group.len() == length && group.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = (digits(first, 1) || digits(first, 2))
        && !middle.is_empty()
        && middle.iter().all(|group| digits(group, 2))
        && digits(last, 3);
    let plain = grouped && !gold.is_empty() && gold.bytes().all(|byte| byte.is_ascii_digit());
    let same = plain && groups.concat() == gold;
    same.then_some(Judgement::Right(Agreement::SameValue))
}

fn by_time(gold: &str, answer: &str) -> Option<Judgement> {
    let (gold, answer) = (special::time(gold)?, special::time(answer)?);
    Some(if gold.agrees(answer) { Judgement::Right(Agreement::SameTime) } else { Judgement::Wrong(Difference::Time) })
}

fn by_date(gold: &str, answer: &str) -> Option<Judgement> {
    let (gold, answer) = (special::date(gold)?, special::date(answer)?);
    Some(if gold.agrees(answer) { Judgement::Right(Agreement::SameTime) } else { Judgement::Wrong(Difference::Time) })
}

/// `3rd` beside `third` or `3`; a word alone may be a part of a whole, and is no number.
fn by_ordinal(gold: &str, answer: &str) -> Option<Judgement> {
    let digits = |text: &str| text.contains(|letter: char| letter.is_ascii_digit());
    let plain = |text: &str| text.parse::<u32>().ok();
    let (left, right) = match (special::ordinal(gold), special::ordinal(answer)) {
        (Some(left), Some(right)) => (left, right),
        (Some(left), None) if digits(gold) => (left, plain(answer)?),
        (None, Some(right)) if digits(answer) => (plain(gold)?, right),
        _ => return None,
    };
    Some(if left == right { Judgement::Right(Agreement::SameValue) } else { Judgement::Wrong(Difference::Value) })
}

/// Numerals with a base: the values count; a side that leaves out the base must have the same
/// digits or the same value.
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
    let is_numeral = !without.contains(['.', ' ']) && !without.starts_with("0x");
    if plain == with.digits && is_numeral {
        return Some(Judgement::Right(Agreement::BaseOmitted));
    }
    let value = Form::Value(Expr::Number(with.value), None);
    read(without).ok().map(|form| compare(&value, &form, &Fuel::new()))
}

/// As formulas, else as words.
fn by_form(gold: &str, answer: &str) -> Result<Judgement, Judgement> {
    let (gold_words, answer_words) = (words::plain(gold), words::plain(answer));
    let is_text = words::is_text(gold) && !gold_words.is_empty();
    if is_text && gold_words == answer_words {
        return Ok(Judgement::Right(Agreement::SameText));
    }
    let is_plain = gold.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, ',' | '.' | '{' | '}' | '$' | '\\'));
    let gold = formula(gold, &gold_words);
    let answer = if is_plain { thousands(answer) } else { answer.to_owned() };
    let answer = formula(&answer, &answer_words);
    match (read(&gold), read(&answer)) {
        (Ok(gold), Ok(form)) => Ok(match compare(&gold, &form, &Fuel::new()) {
            // who writes decimals that go on says that they do not end where the reference does
            Judgement::Right(Agreement::Rounded) if goes_on(&answer) => Judgement::Wrong(Difference::Value),
            judgement => judgement,
        }),
        (Err(Unread::Doubt(doubt)), _) | (_, Err(Unread::Doubt(doubt))) => Ok(Judgement::Unsettled(doubt)),
        (Err(Unread::Words), _) if gold_words == answer_words => Ok(Judgement::Right(Agreement::SameText)),
        (Err(Unread::Words), _) => Err(Judgement::Wrong(Difference::Text)),
        (Err(Unread::Malformed), _) => Ok(Judgement::Unsettled(Doubt::ReferenceUnreadable)),
        (Ok(_), Err(Unread::Words)) => Err(Judgement::Wrong(Difference::Kind)),
        (Ok(_), Err(Unread::Malformed)) => Err(Judgement::Wrong(Difference::Malformed)),
    }
}

/// "1.2k" and "3M" with their factor in words, beside a reference that is a number and so has no
/// variables.
fn thousands(text: &str) -> String {
    let factor = [("k", "thousand"), ("K", "thousand"), ("M", "million"), ("B", "billion")];
    let written = factor.iter().find_map(|(letter, word)| {
        let digits = text.strip_suffix(letter)?;
        let numeral = digits.ends_with(|sign: char| sign.is_ascii_digit())
            && digits.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, '.' | ','));
        numeral.then(|| format!("{digits} {word}"))
    });
    written.unwrap_or_else(|| text.to_owned())
}

/// Whether decimals are written that repeat or go on.
fn goes_on(text: &str) -> bool {
    let marks = ["...", "…", "\\ldots", "\\dots", "\\overline", "\\bar", "\\dot"];
    let bracketed = text
        .split_once('.')
        .is_some_and(|(_, part)| part.trim_start_matches(|letter: char| letter.is_ascii_digit()).starts_with('('));
    bracketed || marks.iter().any(|mark| text.contains(mark))
}

/// A text as a formula: set phrases, and numbers and operations in words.
fn formula(text: &str, plain: &str) -> String {
    let phrase = words::as_mathematics(plain).map(str::to_owned);
    phrase.or_else(|| spoken::rewritten(text)).unwrap_or_else(|| text.to_owned())
}
