use nouns::{Split, Turn};

use crate::code::Tests;

/// One line of a data file.
#[derive(Clone, Debug, PartialEq)]
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
    /// Whether the reference is a label of a classification.
    pub(crate) label: bool,
    /// The tests of a programming task.
    pub(crate) tests: Option<Tests>,
}

impl Record {
    /// What is asked, and nothing else.
    pub(super) fn of(prompt: Vec<Turn>) -> Record {
        Record { prompt, answers: Vec::new(), domain: None, split: None, choices: false, label: false, tests: None }
    }
}
