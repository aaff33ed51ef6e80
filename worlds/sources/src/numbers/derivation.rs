use std::fmt;

use super::operation::{Op, Operation};
use super::rational::Rational;

/// One step as it is written: an operation, the result claimed for it, and the numbers claimed to
/// be left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) operation: Operation,
    /// The result that is claimed.
    pub(crate) result: Rational,
    /// The numbers that are claimed to be left, the result among them; empty in the last step.
    pub(crate) rest: Vec<Rational>,
}

/// A whole answer as it is written. Nothing about it need be true: `verify` says whether it is.
///
/// ```text
/// derivation = step { ";" step }
/// step       = value op value "=" value [ "left" value { value } ]
/// value      = number [ "over" number ]
/// op         = "+" | "-" | "*" | "/"
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Derivation {
    /// Its steps, in order.
    pub(crate) steps: Vec<Step>,
}

impl Derivation {
    /// Writes down what happens when these operations are carried out on these numbers: true
    /// results, and the numbers left in rising order. `None` if an operand is not there or an
    /// operation has no value.
    pub(crate) fn of(numbers: &[Rational], operations: &[Operation]) -> Option<Derivation> {
        let mut left = numbers.to_vec();
        let steps = operations.iter().map(|&operation| carry_out(&mut left, operation));
        Some(Derivation { steps: steps.collect::<Option<Vec<Step>>>()? })
    }

    /// Reads an answer; the reason, if it has not the form of a derivation.
    pub(crate) fn parse(text: &str) -> Result<Derivation, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let steps = words.split(|&word| word == ";").enumerate();
        let steps = steps
            .map(|(index, words)| Cursor { words, at: 0 }.step().map_err(|why| format!("step {}: {why}", index + 1)));
        Ok(Derivation { steps: steps.collect::<Result<Vec<Step>, String>>()? })
    }

    /// The value the derivation itself claims to end with.
    pub(crate) fn claimed(&self) -> Option<Rational> {
        self.steps.last().map(|step| step.result)
    }
}

/// Carries out one operation on the numbers that are left, which stay sorted.
fn carry_out(left: &mut Vec<Rational>, operation: Operation) -> Option<Step> {
    for operand in [operation.left, operation.right] {
        left.remove(left.iter().position(|&number| number == operand)?);
    }
    let result = operation.value()?;
    left.push(result);
    left.sort_unstable();
    let rest = if left.len() > 1 { left.clone() } else { Vec::new() };
    Some(Step { operation, result, rest })
}

/// Reads one step, word by word.
struct Cursor<'a> {
    words: &'a [&'a str],
    at: usize,
}

impl Cursor<'_> {
    fn step(mut self) -> Result<Step, String> {
        let left = self.value()?;
        let op = self.op()?;
        let right = self.value()?;
        self.word("=")?;
        let result = self.value()?;
        let rest = self.rest()?;
        Ok(Step { operation: Operation { left, op, right }, result, rest })
    }

    /// What follows the result: nothing, or `left` and at least one number, and then nothing.
    fn rest(&mut self) -> Result<Vec<Rational>, String> {
        let mut rest = Vec::new();
        if self.at < self.words.len() {
            self.word("left")?;
            rest.push(self.value()?);
        }
        while self.at < self.words.len() {
            rest.push(self.value()?);
        }
        Ok(rest)
    }

    fn op(&mut self) -> Result<Op, String> {
        let word = self.next("one of + - * /")?;
        Op::of(word).ok_or_else(|| format!("`{word}` stands where one of + - * / should"))
    }

    fn value(&mut self) -> Result<Rational, String> {
        let numerator = self.number()?;
        if self.words.get(self.at) != Some(&"over") {
            return Ok(Rational::whole(numerator));
        }
        self.at += 1;
        let denominator = self.number()?;
        Rational::fraction(numerator.into(), denominator.into())
            .ok_or_else(|| format!("{numerator} over 0 is no number"))
    }

    fn number(&mut self) -> Result<i64, String> {
        let word = self.next("a number")?;
        number(word).ok_or_else(|| format!("`{word}` stands where a number should"))
    }

    fn word(&mut self, wanted: &str) -> Result<(), String> {
        let word = self.next(&format!("`{wanted}`"))?;
        if word == wanted { Ok(()) } else { Err(format!("`{word}` stands where `{wanted}` should")) }
    }

    fn next(&mut self, wanted: &str) -> Result<&str, String> {
        let word = self.words.get(self.at).ok_or_else(|| format!("ends where {wanted} should follow"))?;
        self.at += 1;
        Ok(word)
    }
}

/// A number written as the language writes it: digits only, without leading zeros.
pub(crate) fn number(word: &str) -> Option<i64> {
    let plain = word.bytes().all(|byte| byte.is_ascii_digit()) && (word == "0" || !word.starts_with('0'));
    if plain { word.parse().ok() } else { None }
}

/// Numbers separated by spaces.
pub(crate) fn spaced(numbers: &[Rational]) -> String {
    let words: Vec<String> = numbers.iter().map(Rational::to_string).collect();
    words.join(" ")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.operation, self.result)?;
        if self.rest.is_empty() { Ok(()) } else { write!(f, " left {}", spaced(&self.rest)) }
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.steps.iter().map(Step::to_string).collect();
        f.write_str(&steps.join(" ; "))
    }
}
