//! Where tasks come from.

mod growing;
mod replaying;
mod tasks;
#[cfg(test)]
mod traces;

pub use growing::Growing;
pub use replaying::Replaying;
pub use tasks::Tasks;

recipe::parts! {
    /// Where tasks come from.
    pub enum AskPart {
        Tasks(tasks::Tasks),
        Growing(growing::Growing),
        Replaying(replaying::Replaying),
    }
}

impl AskPart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Ask> {
        match self {
            AskPart::Tasks(part) => Box::new(part.clone()),
            AskPart::Growing(part) => Box::new(part.clone()),
            AskPart::Replaying(part) => Box::new(part.clone()),
        }
    }

    /// By what its tasks grow out of attempts, if they do.
    pub fn grows(&self) -> Option<GrowsBy> {
        match self {
            AskPart::Tasks(_) => None,
            AskPart::Growing(_) => Some(GrowsBy::Quality),
            AskPart::Replaying(_) => Some(GrowsBy::Verdicts),
        }
    }
}

/// How good an attempt is to the part whose tasks grow out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrowsBy {
    /// By the world's answers.
    Quality,
    /// By the round's own verdicts: no more is known than the recipe's checkers know.
    Verdicts,
}
