use crate::{Cue, Key, Task, Turn};

/// The words of a small world's own language; a model made from nothing gets a tokenizer of exactly
/// these. Text of such a world is words separated by single spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// Every word, in token order (special tokens are added by `tokens`).
    pub words: Vec<String>,
}

/// One example of a world's language, for a model made from nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The prompt in the form of the world's tasks.
    pub prompt: Vec<Turn>,
    /// An answer in the right form, true at every step, that is in general not a solution.
    pub response: String,
}

/// A world's own formal language, in which a model made from nothing is pretrained where no model
/// folder is given. A world of plain English has none; its models come from elsewhere.
///
/// Whatever is drawn depends on its key alone. `held_out` says of a problem's canonical form
/// whether it must not be shown; nothing that it accepts is.
pub trait Language: Send + Sync {
    /// Its words.
    fn vocabulary(&self) -> Vocabulary;

    /// One example of a problem's form and an answer's; none if every problem that was drawn is
    /// held out.
    fn example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example>;

    /// One example of an episode in the world's environment: the turns in order, of which the
    /// assistant's are taught. None for the keys whose example is none ([`Language::example`] then
    /// gives it), and where the world does not answer back.
    fn episode_example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Vec<Turn>> {
        let _ = (key, held_out);
        None
    }

    /// The answer of an example in another right way, where the world knows several.
    fn other_way(&self, key: &Key, example: &Example) -> Option<String> {
        let _ = (key, example);
        None
    }

    /// An abstention, where the language has words for it: short, and never right.
    fn abstention(&self) -> Option<&str> {
        None
    }

    /// How a model is asked about its own ability and what it replies ([`Wording::ask_ability`],
    /// [`Wording::ask_for_task`]), where the language has words for it.
    ///
    /// [`Wording::ask_ability`]: crate::Wording::ask_ability
    /// [`Wording::ask_for_task`]: crate::Wording::ask_for_task
    fn ability_example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        let _ = (key, held_out);
        None
    }

    /// Words of its cues that are not in [`Language::vocabulary`]: only a model that is taught cues
    /// has them.
    fn cue_words(&self) -> Vec<String> {
        Vec::new()
    }

    /// An example of following a cue; the answers before it stand in the prompt. Unlike other
    /// examples it need not be true: it shows the form only. None where the language has no such
    /// examples.
    fn cued_example(&self, cue: Cue, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        let _ = (cue, key, held_out);
        None
    }

    /// An answer to a task that is right up to some step, or to the end: value models learn from
    /// such answers with a label at every step. `other_way`: written in another way than the usual
    /// one, where there is one.
    fn drawn_answer(&self, key: &Key, task: &Task, other_way: bool) -> Option<String> {
        let _ = (key, task, other_way);
        None
    }
}
