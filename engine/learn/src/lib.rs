//! Changes the weights. Executes lessons and does not know which method made them.

mod batch;
mod fault;
#[cfg(test)]
mod golden;
mod gradient;
mod imitate;
mod objective;
mod optimizer;
mod policy_gradient;
mod prefer;
mod prospect;
mod reference;
mod schedule;
mod student;
mod takes;
mod training;

pub use fault::LearnFault;
pub use imitate::{Imitate, Per};
pub use optimizer::Rule;
pub use policy_gradient::{Charge, Estimator, Mean, PolicyGradient, Ratio};
pub use prefer::{Loss, Prefer};
pub use prospect::Prospect;
pub use reference::Reference;
pub use schedule::Shape;
pub use student::Student;
pub use training::Order;

use nouns::LessonKind;

recipe::parts! {
    /// Changes the weights.
    pub enum LearnPart {
        Imitate(imitate::Imitate),
        Prefer(prefer::Prefer),
        Prospect(prospect::Prospect),
        PolicyGradient(policy_gradient::PolicyGradient),
    }
}

impl LearnPart {
    /// The verb, over the model it is to change.
    pub fn build(&self, student: Student) -> Learner {
        Learner { part: self.clone(), student }
    }

    /// Tokens of one batch: what memory is estimated by.
    pub fn batch_tokens(&self) -> usize {
        match self {
            LearnPart::Imitate(part) => part.batch_tokens,
            LearnPart::Prefer(part) => part.batch_tokens,
            LearnPart::Prospect(part) => part.batch_tokens,
            LearnPart::PolicyGradient(part) => part.batch_tokens,
        }
    }

    /// The kind of lesson that it executes; it refuses others.
    pub fn takes(&self) -> LessonKind {
        match self {
            LearnPart::Imitate(_) => LessonKind::Stream,
            LearnPart::Prefer(_) => LessonKind::Pair,
            LearnPart::Prospect(_) => LessonKind::Judged,
            LearnPart::PolicyGradient(_) => LessonKind::Rollout,
        }
    }

    /// Whether the base model decides what it does.
    pub fn needs_base(&self) -> bool {
        match self {
            LearnPart::Imitate(_) => false,
            LearnPart::Prefer(part) => part.reference == Reference::Base,
            LearnPart::Prospect(part) => part.reference == Reference::Base,
            LearnPart::PolicyGradient(part) => part.reference == Reference::Base && part.kl != 0.0,
        }
    }
}

/// A part of [`LearnPart`] at work on a model.
pub struct Learner {
    part: LearnPart,
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
        match &self.part {
            LearnPart::Imitate(part) => part.learn(stage, &mut self.student, lessons),
            LearnPart::Prefer(part) => part.learn(stage, &mut self.student, lessons),
            LearnPart::Prospect(part) => part.learn(stage, &mut self.student, lessons),
            LearnPart::PolicyGradient(part) => part.learn(stage, &mut self.student, lessons),
        }
    }
}
