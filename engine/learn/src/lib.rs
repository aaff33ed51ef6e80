//! Changes the weights. Executes lessons and does not know which method made them.

mod adamw;
mod batch;
mod fault;
mod imitate;
mod schedule;
mod student;

pub use fault::LearnFault;
pub use imitate::Imitate;
pub use student::Student;

recipe::parts! {
    /// Changes the weights.
    pub enum LearnPart {
        Imitate(imitate::Imitate),
    }
}

impl LearnPart {
    /// The verb, over the model it is to change.
    pub fn build(&self, student: Student) -> Learner {
        match self {
            LearnPart::Imitate(part) => Learner { part: part.clone(), student },
        }
    }

    /// Tokens of one batch: what memory is estimated by.
    pub fn batch_tokens(&self) -> usize {
        match self {
            LearnPart::Imitate(part) => part.batch_tokens,
        }
    }
}

/// A part of [`LearnPart`] at work on a model.
pub struct Learner {
    part: Imitate,
    student: Student,
}

impl Learner {
    /// The model as it is now.
    pub fn into_student(self) -> Student {
        self.student
    }
}

impl nouns::Learn for Learner {
    fn learn(&mut self, stage: &nouns::Stage, lessons: &[nouns::Lesson]) -> faults::Outcome<nouns::Update> {
        self.part.learn(stage, &mut self.student, lessons)
    }
}
