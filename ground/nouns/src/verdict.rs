use std::fmt;

use serde::{Deserialize, Serialize};

/// What an answer is worth.
///
/// No code path turns `Unsettled` into a number: a broken judge never scores zero, and an unsettled
/// attempt is never taught.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Correct.
    Right,
    /// Incorrect, and why, for people.
    Wrong(String),
    /// A score; its scale is the checker's.
    Graded(f64),
    /// It could not be judged.
    Unsettled(Unsettled),
}

/// Why an attempt could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsettled {
    /// The checker itself failed.
    CheckerFailed(String),
    /// The checker, or the episode, ran out of time or of another bound.
    OutOfBounds(String),
    /// The environment that was played in crashed or did not answer in time.
    EnvironmentFailed(String),
    /// The attempts do not agree enough to tell (votes).
    NoMajority,
    /// There is nothing to compare with.
    NoReference,
}

/// What one of several checkers said of an attempt, kept beside the verdict that they gave
/// together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Its name in the recipe.
    pub name: String,
    /// How much its reward counts in the sum.
    pub weight: f64,
    /// What it said.
    pub verdict: Verdict,
}

/// A verdict, and what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What the attempt is worth.
    pub verdict: Verdict,
    /// What each of several checkers said; empty where one checker spoke alone.
    pub components: Vec<Component>,
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Judgement {
        Judgement { verdict, components: Vec::new() }
    }
}

impl Verdict {
    /// Whether it is right; `None` if graded or unsettled.
    pub fn is_right(&self) -> Option<bool> {
        match self {
            Verdict::Right => Some(true),
            Verdict::Wrong(_) => Some(false),
            Verdict::Graded(_) | Verdict::Unsettled(_) => None,
        }
    }

    /// The verdict as a reward: 1 if right, 0 if wrong, the grade if graded, and none if unsettled.
    pub fn reward(&self) -> Option<f64> {
        match self {
            Verdict::Right => Some(1.0),
            Verdict::Wrong(_) => Some(0.0),
            Verdict::Graded(grade) => Some(*grade),
            Verdict::Unsettled(_) => None,
        }
    }

    /// Whether it could not be judged.
    pub fn is_unsettled(&self) -> bool {
        matches!(self, Verdict::Unsettled(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Right => f.write_str("right"),
            Verdict::Wrong(why) => write!(f, "wrong: {why}"),
            Verdict::Graded(score) => write!(f, "graded {score}"),
            Verdict::Unsettled(why) => write!(f, "unsettled: {why}"),
        }
    }
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsettled::CheckerFailed(why) => write!(f, "the checker failed: {why}"),
            Unsettled::EnvironmentFailed(why) => write!(f, "the environment failed: {why}"),
            Unsettled::OutOfBounds(bound) => write!(f, "a bound was reached: {bound}"),
            Unsettled::NoMajority => f.write_str("the attempts do not agree"),
            Unsettled::NoReference => f.write_str("nothing to compare with"),
        }
    }
}
