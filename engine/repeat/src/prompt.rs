//! How the questions of a data file are put, as a recipe says it.

use std::path::PathBuf;

use faults::Outcome;
use prompts::Template;
use sources::Prompting;
use sources::prompting::{Extract, FewShot, Take};

recipe::part! {
    /// Puts the questions of a data file to the model in the recipe's words. It also says what of
    /// an answer is judged, and is the same for training, gate and report; the questions of a world
    /// that is no file are put as they are.
    pub struct Prompt = "prompt", version 1 {
        /// The system's turn; empty takes the records' own, if they have one.
        pub system: String = String::new(), "ours";
        /// This many solved questions are shown before the one that is asked, as earlier turns of a
        /// chat: the first ones of the training part, which are then no tasks.
        pub few_shot: usize = 0, "ours";
        /// The data file that the solved questions are taken from instead; `few_shot = 0` takes all
        /// of it.
        pub few_shot_from: String = String::new(), "ours";
        /// What is asked, in Jinja over a record's columns; `asked` is the question as it is
        /// without a template. Empty asks as the records have it.
        pub template: String = String::new(), "ours";
        /// Everything stands in one text, for models without a chat template: `Question: …`,
        /// `Answer: …`, with empty lines between.
        pub as_text: bool = false, "lm-evaluation-harness' form for models without chat";
        /// A regular expression: what it matches last in an answer, or its first group, is judged.
        /// Empty judges the whole answer.
        pub extract: String = String::new(), "ours";
        /// It is the first match that counts.
        pub extract_first: bool = false, "ours";
    }
}

impl Prompt {
    /// What the world is told.
    pub(crate) fn prompting(&self) -> Outcome<Prompting> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let from = given(&self.few_shot_from).map(PathBuf::from);
        let count = Some(self.few_shot).filter(|&count| count > 0);
        let take = if self.extract_first { Take::First } else { Take::Last };
        Ok(Prompting {
            system: given(&self.system),
            few_shot: (from.is_some() || count.is_some()).then_some(FewShot { from, count }),
            template: given(&self.template).map(Template::new).transpose()?,
            as_text: self.as_text,
            extract: given(&self.extract).map(|pattern| Extract::new(&pattern, take)).transpose()?,
        })
    }

    /// Whether it says anything.
    pub(crate) fn is_silent(&self) -> bool {
        *self == Prompt::default()
    }
}
