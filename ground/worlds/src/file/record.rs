use nouns::{Split, Turn};

use crate::code::Tests;

/// One line of a data file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// What is asked.
    pub(crate) prompt: Vec<Turn>,
    /// The reference answer, if there is one.
    pub(crate) answer: Option<String>,
    /// The domain it says it belongs to.
    pub(crate) domain: Option<String>,
    /// The split it says it belongs to.
    pub(crate) split: Option<Split>,
    /// Whether it is a multiple choice; the reference is then a letter.
    pub(crate) choices: bool,
    /// The tests of a programming task.
    pub(crate) tests: Option<Tests>,
}
