//! Answers that are numbers, found by looking for numerals alone (GSM8K and its kind).

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Pow;

use crate::extract::final_answer;
use crate::judgement::{Agreement, Difference, Doubt, Judgement};

/// The numeral that a text gives as its answer: the first one in what it marks, else the last one there is.
pub fn last_number(text: &str) -> Option<BigRational> {
    match final_answer(text) {
        Some(marked) => numerals(marked).next().or_else(|| numerals(text).last()),
        None => numerals(text).last(),
    }
}

/// Whether two texts give the same number. The reference is read in the same way.
pub(crate) fn judge(gold: &str, answer: &str) -> Judgement {
    let Some(gold) = last_number(gold) else {
        return Judgement::Unsettled(if gold.trim().is_empty() {
            Doubt::NoReference
        } else {
            Doubt::ReferenceUnreadable
        });
    };
    match last_number(answer) {
        None => Judgement::Wrong(Difference::NoAnswer),
        Some(answer) if answer == gold => Judgement::Right(Agreement::SameValue),
        Some(_) => Judgement::Wrong(Difference::Value),
    }
}

/// The numerals of a text: digits with separators, decimals, a sign, and fractions of two integers.
fn numerals(text: &str) -> impl Iterator<Item = BigRational> {
    let part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-' | '−' | '$' | '/');
    text.split(move |letter| !part(letter)).filter_map(numeral)
}

fn numeral(word: &str) -> Option<BigRational> {
    let word = word.replace(['$', ','], "").replace('−', "-");
    let word = word.trim_matches(['.', '/']).trim_end_matches('-');
    let word = word.rsplit_once("--").map_or(word, |(_, word)| word);
    if let Some((top, bottom)) = word.split_once('/') {
        let (top, bottom) = (decimal(top)?, decimal(bottom)?);
        return (bottom != BigRational::from_integer(0.into())).then(|| top / bottom);
    }
    // "5-3" without blanks: the last is the number
    match word.rsplit_once('-') {
        Some((before, after)) if !before.is_empty() => decimal(after),
        _ => decimal(word),
    }
}

fn decimal(word: &str) -> Option<BigRational> {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all: String = [whole, part].concat();
    if all.is_empty() || all.len() > 2000 || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: BigInt = all.parse().ok()?;
    Some(BigRational::new(value * sign, Pow::pow(BigInt::from(10), part.len())))
}
