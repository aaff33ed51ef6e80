//! Answers that are one number (GSM8K and its kind): found where it is marked, read as mathematics,
//! compared exactly.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::clean::clean;
use crate::compare::rational;
use crate::find::{self, Mark, cuts, is_changed, marked_cuts, numerals};
use crate::fuel::Fuel;
use crate::judgement::{Agreement, Difference, Doubt, Judged, Judgement};
use crate::lexicon;
use crate::read::read;
use crate::spoken;
use crate::tree::{Expr, Form, Relation};

/// The number that a text gives as its answer, in one spelling: what it marks, else the whole of
/// it, else the last numeral there is. Whole numbers and decimals are spelt as such, others as
/// fractions.
pub fn final_number(text: &str) -> Option<String> {
    let (value, _) = given(&clean(text)).ok()?;
    if value.is_integer() {
        return Some(value.to_string());
    }
    let ten = BigInt::from(10);
    let Some(places) = (1..=DECIMALS).find(|places| (ten.pow(*places) % value.denom()).is_zero()) else {
        return Some(value.to_string());
    };
    let scaled = &value * BigRational::from_integer(ten.pow(places));
    let digits = format!("{:0>width$}", scaled.to_integer().magnitude().to_string(), width = places as usize + 1);
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    Some(format!("{}{whole}.{part}", if value.is_negative() { "-" } else { "" }))
}

/// The most decimals that a number is spelt with.
const DECIMALS: u32 = 40;

/// Whether two texts give the same number. The reference is read in the same way.
pub(crate) fn judge(gold: &str, answer: &str) -> Judged {
    let (gold, answer) = (clean(gold), clean(answer));
    let Ok((gold, _)) = given(&gold) else {
        return Judged::unread(Judgement::Unsettled(if gold.trim().is_empty() {
            Doubt::NoReference
        } else {
            Doubt::ReferenceUnreadable
        }));
    };
    match given(&answer) {
        Err(difference) => Judged::unread(Judgement::Wrong(difference)),
        Ok((answer, mark)) if answer == gold => Judged::read(mark, Judgement::Right(Agreement::SameValue)),
        Ok((_, mark)) => Judged::read(mark, Judgement::Wrong(Difference::Value)),
    }
}

/// The number that a cleaned text gives, and where.
fn given(text: &str) -> Result<(BigRational, Mark), Difference> {
    if let Some(marked) = find::marked(text) {
        // "the answer is not 5" gives none
        if marked.text.is_empty() {
            return Err(Difference::NoAnswer);
        }
        for cut in marked_cuts(&marked.text) {
            match value(&cut) {
                Some(Ok(value)) => return Ok((value, marked.mark)),
                Some(Err(difference)) => return Err(difference),
                None => {}
            }
        }
        match first(&marked.text) {
            Some(_) if is_of_more(&marked.text) => return Err(Difference::NoAnswer),
            Some(value) => return Ok((value, marked.mark)),
            None => {}
        }
    } else if let Some(value) =
        cuts(text.trim()).iter().filter(|_| !text.trim().contains('\n')).find_map(|cut| value(cut))
    {
        match value {
            Ok(value) => return Ok((value, Mark::Whole)),
            Err(difference) if !text.contains(|letter: char| letter.is_alphabetic()) => return Err(difference),
            Err(_) => {}
        }
    } else if let Some(value) = first_line(text) {
        return Ok((value, Mark::Line));
    }
    let last = numerals(text).into_iter().rev().find_map(|numeral| Some((numeral, value(numeral)?.ok()?)));
    let last = match last {
        Some((numeral, _)) if is_changed(text, numeral) => return Err(Difference::NoAnswer),
        Some((_, value)) => Some(value),
        None => spoken::numbers(text).into_iter().rev().find_map(|numeral| value(&numeral)?.ok()),
    };
    last.map(|value| (value, Mark::Numeral)).ok_or(Difference::NoAnswer)
}

/// The number that a text begins with on a line of its own, a blank line behind it: what follows
/// explains it, or is another question.
fn first_line(text: &str) -> Option<BigRational> {
    let (line, behind) = text.trim().split_once('\n')?;
    let parted = behind.lines().next().is_some_and(|next| next.trim().is_empty());
    let numeral = line.trim().trim_end_matches('.');
    let bare = !numeral.contains(|letter: char| letter.is_alphabetic() || letter.is_whitespace());
    (parted && bare).then(|| value(numeral)?.ok()).flatten()
}

/// Whether words around the first numeral of a text make another number of it, or bound it: "the
/// sum of 5 and 3", "5 short of 20", "5 if n is even, else 7".
fn is_of_more(text: &str) -> bool {
    let numerals = numerals(text);
    let Some((first, at)) = numerals.first().and_then(|first| Some((first, text.find(first)?))) else { return false };
    let until = numerals.get(1).and_then(|next| text[at + first.len()..].find(next));
    let said = until.map_or(text, |length| &text[..at + first.len() + length]);
    let around = |word: &str| matches!(word, "sum" | "difference" | "product" | "multiple" | "divisible" | "digits");
    lexicon::words(&text[..at]).any(around)
        || lexicon::words(text).any(|word| matches!(word, "else" | "otherwise"))
        || text[at + first.len()..].starts_with(" of ") && until == Some(" of ".len())
        || is_changed(said, first)
}

/// The first numeral of a marked stretch that cannot be read as a whole.
fn first(text: &str) -> Option<BigRational> {
    let first = numerals(text).into_iter().find_map(|numeral| value(numeral)?.ok());
    first.or_else(|| spoken::numbers(text).iter().find_map(|numeral| value(numeral)?.ok()))
}

/// The number that a text is, units aside; `None` if it cannot be read, an error if it is something
/// else.
pub(crate) fn value(text: &str) -> Option<Result<BigRational, Difference>> {
    let spoken = spoken::rewritten(text);
    let form = read(spoken.as_deref().unwrap_or(text)).ok()?;
    Some(number_of(&form))
}

/// How often a letter behind a number multiplies it by a thousand; 0 if it does not.
fn thousands(letter: &str) -> u32 {
    match letter {
        "k" | "K" => 1,
        "M" => 2,
        "B" => 3,
        _ => 0,
    }
}

fn number_of(form: &Form) -> Result<BigRational, Difference> {
    match form {
        Form::Value(expr, unit) => {
            let scale = unit.as_ref().map_or_else(BigRational::one, |unit| unit.scale.clone());
            let (expr, scale) = match expr {
                // "2k", "3M"
                Expr::Product(factors) => match &factors[..] {
                    [number @ Expr::Number(_), Expr::Variable(letter)] if thousands(letter) > 0 => {
                        (number, scale * BigRational::from_integer(BigInt::from(1000).pow(thousands(letter))))
                    }
                    _ => (expr, scale),
                },
                expr => (expr, scale),
            };
            rational(expr, &Fuel::new()).map(|value| value * scale).ok_or(Difference::Expression)
        }
        // "9 * 2 = 18": the last side; "22/7 ≈ 3.14": the first
        Form::Chain(left, rest) if rest.iter().all(|(relation, _)| *relation == Relation::Equal) => {
            let last = rest.last().ok_or(Difference::Kind)?;
            match number_of(&last.1) {
                Ok(value) => Ok(value),
                // "5 = x"
                Err(_) if matches!(last.1.plain(), Some(Expr::Variable(_))) => number_of(left),
                Err(difference) => Err(difference),
            }
        }
        Form::Chain(left, _) if matches!(left.plain(), Some(Expr::Variable(_))) => Err(Difference::Equation),
        _ => Err(Difference::Kind),
    }
}
