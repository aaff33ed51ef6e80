//! How the policy answers.

mod hint;
mod prefixes;
mod sample;

pub use hint::Hint;
pub use prefixes::Prefixes;
pub use sample::Sample;

recipe::parts! {
    /// How the policy answers.
    pub enum AttemptPart {
        Sample(sample::Sample),
        Hint(hint::Hint),
        Prefixes(prefixes::Prefixes),
    }
}

impl AttemptPart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Attempt> {
        match self {
            AttemptPart::Sample(part) => Box::new(part.clone()),
            AttemptPart::Hint(part) => Box::new(part.clone()),
            AttemptPart::Prefixes(part) => Box::new(part.clone()),
        }
    }

    /// Answers that it makes per task, at most.
    pub fn answers_per_task(&self) -> usize {
        match self {
            AttemptPart::Sample(part) => part.per_task as usize,
            AttemptPart::Hint(_) => 1,
            AttemptPart::Prefixes(_) => 0,
        }
    }

    /// Whether it reads reference answers while attempting, so that `repeat` hands it the oracle.
    pub fn needs_oracle(&self) -> bool {
        matches!(self, AttemptPart::Hint(_))
    }
}
