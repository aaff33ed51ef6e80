//! Changes the weights. Executes lessons and does not know which method made them.

mod actor_critic;
mod adapting;
mod batch;
mod between;
mod course;
mod distill;
#[cfg(test)]
mod enumerable;
mod fault;
#[cfg(test)]
mod golden;
mod gradient;
mod held;
mod imitate;
mod improvement;
mod layers;
mod micro;
mod moving;
mod numbers;
mod objective;
mod optimizer;
mod policy_gradient;
mod prefer;
mod prospect;
mod reads;
mod reference;
mod reward;
mod schedule;
mod student;
mod takes;
mod training;
mod value;

pub use actor_critic::ActorCritic;
pub use batch::Order;
pub use course::{Course, Left, Seen, Watch};
pub use distill::{Distill, Divergence};
pub use fault::LearnFault;
pub use imitate::{Imitate, Per};
pub use improvement::Improvement;
pub use optimizer::{Memories, Rule};
pub use policy_gradient::{Charge, Estimator, Mean, PolicyGradient, Ratio};
pub use prefer::{Likelihood, Loss, Prefer};
pub use prospect::Prospect;
pub use reference::Reference;
pub use reward::{Gap, Reward};
pub use schedule::Shape;
pub use student::Student;
pub use value::{Measure, Value};

use nouns::LessonKind;

recipe::parts! {
    /// Changes the weights.
    pub enum LearnPart {
        Imitate(imitate::Imitate),
        Prefer(prefer::Prefer),
        Prospect(prospect::Prospect),
        PolicyGradient(policy_gradient::PolicyGradient),
        ActorCritic(actor_critic::ActorCritic),
        Distill(distill::Distill),
        Reward(reward::Reward),
        Improvement(improvement::Improvement),
        Value(value::Value),
    }
}

impl LearnPart {
    /// The verb, over the model it is to change.
    pub fn build(&self, student: Student) -> Learner {
        Learner { part: self.clone(), student }
    }

    /// Tokens that are computed at a time where `trained` numbers learn: what memory is estimated by. A longer lesson is computed whole.
    pub fn tokens_at_a_time(&self, trained: u64) -> usize {
        let training = self.training();
        let micros = gradient::at_a_time(usize::try_from(trained).unwrap_or(usize::MAX));
        training.batching.tokens.min(training.micro_batch_tokens.saturating_mul(micros))
    }

    /// Bytes of gradients that further micro-batches, computed at the same time, hold beside those of one and the sum.
    pub fn further_gradients(&self, trained: u64) -> u64 {
        let training = self.training();
        let micros = gradient::at_a_time(usize::try_from(trained).unwrap_or(usize::MAX));
        let micros = micros.min(training.batching.tokens.div_ceil(training.micro_batch_tokens.max(1)));
        trained.saturating_mul(size_of::<f32>() as u64).saturating_mul(micros.saturating_sub(1) as u64)
    }

    /// Whether it computes what happens inside of layers again instead of keeping it.
    pub fn recomputes(&self) -> bool {
        self.training().recompute
    }

    /// The adapter that it trains instead of the weights, if it does.
    pub fn lora(&self) -> Option<models::Lora> {
        self.training().adapting.lora()
    }

    fn training(&self) -> training::Training {
        match self {
            LearnPart::Imitate(part) => part.training(),
            LearnPart::Prefer(part) => part.training(),
            LearnPart::Prospect(part) => part.training(),
            LearnPart::PolicyGradient(part) => part.training(),
            LearnPart::ActorCritic(part) => part.training(),
            LearnPart::Distill(part) => part.training(),
            LearnPart::Reward(part) => part.training(),
            LearnPart::Improvement(part) => part.training(),
            LearnPart::Value(part) => part.training(),
        }
    }

    /// The kind of lesson that it executes; it refuses others.
    pub fn takes(&self) -> LessonKind {
        match self {
            LearnPart::Imitate(_) => LessonKind::Stream,
            LearnPart::Prefer(_) => LessonKind::Pair,
            LearnPart::Prospect(_) => LessonKind::Judged,
            LearnPart::PolicyGradient(_) | LearnPart::ActorCritic(_) => LessonKind::Rollout,
            LearnPart::Distill(_) => LessonKind::Viewed,
            LearnPart::Reward(_) | LearnPart::Improvement(_) => LessonKind::Pair,
            LearnPart::Value(_) => LessonKind::Valued,
        }
    }

    /// The head of scores that it gives a model which has none; none for what teaches a policy.
    pub fn head(&self) -> Option<models::ScoreHead> {
        match self {
            LearnPart::Reward(_) | LearnPart::Improvement(_) => Some(models::ScoreHead::REWARD),
            LearnPart::Value(part) => Some(part.head(1)),
            _ => None,
        }
    }

    /// Whether a score of that head is the logit of a probability.
    pub fn scores_are_logits(&self) -> bool {
        matches!(self, LearnPart::Value(part) if part.measure == Measure::Binary)
    }

    /// The role of the teacher whom it listens to.
    pub fn teacher(&self) -> Option<&str> {
        match self {
            LearnPart::Distill(part) if !part.itself => Some(&part.teacher),
            _ => None,
        }
    }

    /// Whether the moving average of the models before decides what it does.
    pub fn needs_average(&self) -> bool {
        match self {
            LearnPart::Prefer(part) => part.reference == Reference::Average,
            LearnPart::Prospect(part) => part.reference == Reference::Average,
            LearnPart::PolicyGradient(part) => part.reference == Reference::Average && part.kl != 0.0,
            LearnPart::ActorCritic(part) => part.reference == Reference::Average && part.kl != 0.0,
            _ => false,
        }
    }

    /// Whether the base model decides what it does.
    pub fn needs_base(&self) -> bool {
        match self {
            LearnPart::Imitate(_) | LearnPart::Reward(_) | LearnPart::Improvement(_) | LearnPart::Value(_) => false,
            LearnPart::Distill(part) => !part.itself,
            LearnPart::Prefer(part) => part.reference == Reference::Base,
            LearnPart::Prospect(part) => part.reference == Reference::Base,
            LearnPart::PolicyGradient(part) => part.reference == Reference::Base && part.kl != 0.0,
            LearnPart::ActorCritic(part) => part.reference == Reference::Base && part.kl != 0.0,
        }
    }
}

/// A part of [`LearnPart`] at work on a model.
pub struct Learner {
    part: LearnPart,
    student: Student,
}

impl Learner {
    /// The loss over these lessons and what is reported with it, of the model as it is now. Nothing changes. Where a learner compares
    /// the model with the one it began with, that is the base.
    pub fn assess(&self, stage: &nouns::Stage, lessons: &[nouns::Lesson]) -> faults::Outcome<Option<nouns::Step>> {
        let mut student = self.student.clone();
        student.course = Course { assessing: true, ..Course::default() };
        let mut learner = Learner { part: self.part.clone(), student };
        Ok(nouns::Learn::learn(&mut learner, stage, lessons)?.steps.pop())
    }

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
            LearnPart::ActorCritic(part) => part.learn(stage, &mut self.student, lessons),
            LearnPart::Distill(part) => part.learn(stage, &mut self.student, lessons),
            LearnPart::Reward(part) => part.learn(stage, &mut self.student, lessons),
            LearnPart::Improvement(part) => part.learn(stage, &mut self.student, lessons),
            LearnPart::Value(part) => part.learn(stage, &mut self.student, lessons),
        }
    }
}
