//! What a task is answered with one of, and what is counted of an answer.

use serde::{Deserialize, Serialize};

/// One of the answers that a task is to be answered with: an option of a multiple choice, a label
/// of a classification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerOption {
    /// What it is answered by: its letter where options have letters, else its text.
    pub letter: String,
    /// Its text.
    pub text: String,
}

/// How many of some things an answer has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What is counted, as a score of it is called: `instructions followed`.
    pub name: &'static str,
    /// How many it has.
    pub has: u32,
    /// Of how many.
    pub of: u32,
}
