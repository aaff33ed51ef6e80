use serde::{Deserialize, Serialize};

/// What may be said to a model beside a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cue {
    /// After an answer: answer once more, and better. Nothing is said of what is wrong, or whether
    /// anything is.
    Retry,
    /// After an answer: answer once more, and differently.
    Differ,
    /// In a prompt: a hint at the way, which is not the answer.
    Hint,
}

impl Cue {
    /// How it is said to a model that knows English; a hint is said by the prompt that has it.
    pub fn words(self) -> &'static str {
        match self {
            // Kumar et al. 2024, arXiv 2409.12917, appendix: their instruction for mathematics, up to its last clause.
            Cue::Retry => {
                "There might be an error in the solution above because of lack of understanding of the question. \
                 Please correct the error, if any, and rewrite the solution."
            }
            Cue::Differ => {
                "Please solve the problem again, in a way that differs significantly from the solution above."
            }
            Cue::Hint => "",
        }
    }
}
