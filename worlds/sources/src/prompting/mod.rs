//! How the questions of a data file are put to a model, beside what its records say.

mod extract;
mod few_shot;

use prompts::Template;

pub use extract::{Extract, Take};
pub use few_shot::FewShot;

pub(crate) use extract::Extracting;

/// How questions are put, and what of an answer is judged. By default as the records have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompting {
    /// Said first, as the system's turn, instead of what records say there themselves.
    pub system: Option<String>,
    /// Solved questions that are shown before the one that is asked. They are none of the world's
    /// tasks.
    pub few_shot: Option<FewShot>,
    /// What is asked, in Jinja over the columns of a record; `asked` is the question as it would be
    /// put without a template.
    pub template: Option<Template>,
    /// Everything stands in one text, for models that know no chat: the system's words, the solved
    /// questions as `Question: …\nAnswer: …` with an empty line between them, and the question with
    /// `Answer:` below it. That form is lm-evaluation-harness' default; with a template, its text
    /// stands in place of `Question: …\nAnswer:`.
    pub as_text: bool,
    /// What of an answer is judged.
    pub extract: Option<Extract>,
}
