//! The ways to compare an answer with a reference, by name.

use std::str::FromStr;

use faults::{Code, Fault};

use crate::clean::clean;
use crate::judgement::{Agreement, Difference, Doubt, Judged, Judgement};
use crate::mark::Mark;
use crate::{choice, math, number};

/// A way to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As mathematics.
    Math,
    /// Letter for letter, but for white space around it.
    Exact,
    /// As the one number that each gives.
    Number,
    /// As the letter of a multiple choice.
    Choice,
    /// As GSM8K does: the number after `####`, else the last there is.
    Gsm8k,
}

/// There is no kind of this name.
#[derive(Debug, thiserror::Error)]
#[error("unknown kind of answer `{0}`")]
pub struct KindFault(String);

impl Fault for KindFault {
    fn code(&self) -> Code {
        Code::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(format!("The kinds are {}.", Kind::ALL.map(Kind::word).join(", ")))
    }
}

impl FromStr for Kind {
    type Err = KindFault;

    fn from_str(word: &str) -> Result<Kind, KindFault> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| KindFault(word.to_owned()))
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [Kind::Math, Kind::Exact, Kind::Number, Kind::Choice, Kind::Gsm8k];

    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Math => "math",
            Kind::Exact => "exact",
            Kind::Number => "number",
            Kind::Choice => "choice",
            Kind::Gsm8k => "gsm8k",
        }
    }

    /// Compares an answer, which may be a whole response, with a reference.
    pub fn judge(self, gold: &str, answer: &str) -> Judgement {
        self.judged(gold, answer).judgement
    }

    /// The same, with what said where in the response the answer is.
    pub fn judged(self, gold: &str, answer: &str) -> Judged {
        match self {
            Kind::Math => math::judge(gold, answer),
            Kind::Exact => Judged::read(Mark::Whole, exact(gold, answer)),
            Kind::Number | Kind::Gsm8k => number::judge(gold, answer),
            Kind::Choice => chosen(&clean(gold), &clean(answer)),
        }
    }
}

fn exact(gold: &str, answer: &str) -> Judgement {
    match (gold.trim(), answer.trim()) {
        ("", _) => Judgement::Unsettled(Doubt::NoReference),
        (_, "") => Judgement::Wrong(Difference::NoAnswer),
        (gold, answer) if gold == answer => Judgement::Right(Agreement::Identical),
        _ => Judgement::Wrong(Difference::Text),
    }
}

fn chosen(gold: &str, answer: &str) -> Judged {
    if gold.trim().is_empty() {
        return Judged::unread(Judgement::Unsettled(Doubt::NoReference));
    }
    let Some((gold, _)) = choice::settled(gold) else {
        return Judged::unread(Judgement::Unsettled(Doubt::ReferenceUnreadable));
    };
    match choice::settled(answer) {
        None => Judged::unread(Judgement::Wrong(Difference::NoAnswer)),
        Some((answer, mark)) if answer == gold => Judged::read(mark, Judgement::Right(Agreement::SameChoice)),
        Some((_, mark)) => Judged::read(mark, Judgement::Wrong(Difference::Choice)),
    }
}
