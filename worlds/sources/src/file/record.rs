use nouns::{AnswerOption, Split, Turn};

use super::verifiable::Named;
use crate::code::Tests;

/// One line of a data file.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// What is asked.
    pub(crate) prompt: Vec<Turn>,
    /// The reference answers, any of which is right; none where there is no reference.
    pub(crate) answers: Vec<String>,
    /// The domain it says it belongs to.
    pub(crate) domain: Option<String>,
    /// The split it says it belongs to.
    pub(crate) split: Option<Split>,
    /// Whether it is a multiple choice; the reference is then a letter.
    pub(crate) choices: bool,
    /// Whether an answer must be the reference letter by letter.
    pub(crate) exact: bool,
    /// What there is to choose from, under the letters that are asked and answered by.
    pub(crate) options: Vec<AnswerOption>,
    /// The question as a template puts it, where there is a template.
    pub(crate) put: Option<String>,
    /// Whether the reference is a label of a classification.
    pub(crate) label: bool,
    /// Instructions that a program verifies.
    pub(crate) instructions: Option<Named>,
    /// The tests of a programming task.
    pub(crate) tests: Option<Tests>,
}

impl Record {
    /// What is asked, and nothing else.
    pub(super) fn of(prompt: Vec<Turn>) -> Record {
        Record {
            prompt,
            answers: Vec::new(),
            domain: None,
            split: None,
            choices: false,
            exact: false,
            options: Vec::new(),
            put: None,
            label: false,
            instructions: None,
            tests: None,
        }
    }
}
