//! Changes the weights. Executes lessons and does not know which method made them.
//!
//! **The problem.** Objectives for language models are usually written over padded tensors: loss,
//! masks, means and memory tricks in one function, which can be tested only by running a model, and
//! which silently changes when a batch is cut otherwise.
//!
//! **The decision.** An objective is plain arithmetic on numbers that it reads of the model by
//! token (log-probabilities, scores, distributions): it gives the loss and its gradient by these
//! numbers, and `gradient.rs` carries that back through the model. So an objective is a page of
//! arithmetic in `f64`, tested against its closed form on a bandit and a tree that can be
//! enumerated, without any model; sequences are computed in whatever micro-batches memory allows,
//! because what an objective divides by is known for the whole batch before the first of them; and
//! no objective contains a tensor. The price is that the gradient of each loss is written by hand,
//! which the tests compare with finite differences.
//!
//! **Alternatives, by reasoning and not by trial.** Automatic differentiation through the loss
//! would need all of a batch in one graph, or means over micro-batches that are not the batch's
//! mean. One trainer class per method, as TRL has them, would repeat what they share (optimizer,
//! schedule, batches, adapters, references); it is here once, in three tables of settings that
//! every learner has (`shared.rs`).
//!
//! A learner is a part (`imitate`, `prefer`, `policy_gradient`, …): its settings, and an objective
//! made of them. `training.rs` is the descent that they share.

mod actor_critic;
mod adapting;
mod batch;
mod between;
mod classify;
mod course;
mod distill;
mod ema;
#[cfg(test)]
mod enumerable;
mod fault;
#[cfg(test)]
mod golden;
mod gradient;
mod imitate;
mod improvement;
mod kto;
mod layers;
mod micro;
mod numbers;
mod objective;
mod optimizer;
mod policy_gradient;
mod prefer;
mod reads;
mod reference;
mod reference_scores;
mod reward;
mod schedule;
mod settings;
mod shared;
mod student;
mod takes;
mod training;
mod value;

pub use actor_critic::ActorCritic;
pub use batch::Order;
pub use classify::Classify;
pub use course::{Course, Left, Seen, Watch};
pub use distill::{Distill, Divergence};
pub use fault::LearnFault;
pub use imitate::{Imitate, Per};
pub use improvement::Improvement;
pub use kto::Kto;
pub use optimizer::{OptimizerState, Rule};
pub use policy_gradient::{Charge, Estimator, Mean, PolicyGradient, Ratio};
pub use prefer::{Likelihood, Loss, Prefer};
pub use reference::Reference;
pub use reward::{Gap, Reward};
pub use schedule::Shape;
pub use settings::LearnerSettings;
pub use shared::{BatchSettings, LoraSettings, OptimizerSettings};
pub use student::Student;
pub use training::{Descends, Training};
pub use value::{Measure, Value};

recipe::parts! {
    /// Changes the weights.
    pub enum LearnPart: LearnerSettings {
        Imitate(imitate::Imitate),
        Prefer(prefer::Prefer),
        Kto(kto::Kto),
        PolicyGradient(policy_gradient::PolicyGradient),
        ActorCritic(actor_critic::ActorCritic),
        Distill(distill::Distill),
        Reward(reward::Reward),
        Improvement(improvement::Improvement),
        Value(value::Value),
        Classify(classify::Classify),
    }
}

/// The tables of settings that every learner has, for whoever reads recipes.
pub const SHARED: recipe::Shared = shared::shared(<LearnPart as recipe::Registry>::NAMES);

impl LearnPart {
    /// A copy of a classifier that has learned from the lessons. Only `classify` teaches one.
    pub fn classify(
        &self,
        stage: &nouns::Stage,
        classifier: &classifiers::Classifier,
        lessons: &[nouns::Lesson],
    ) -> faults::Outcome<(classifiers::Classifier, nouns::Update)> {
        match self {
            LearnPart::Classify(part) => part.teach(stage, classifier, lessons),
            other => {
                let part = other.describe().name();
                Err(LearnFault::OtherKind { part, wanted: "a language model", model: "a classifier" }.into())
            }
        }
    }

    /// The shared tables with their defaults.
    pub fn shared_tables() -> Vec<Box<dyn recipe::Describe>> {
        vec![
            Box::new(OptimizerSettings::default()),
            Box::new(BatchSettings::default()),
            Box::new(LoraSettings::default()),
        ]
    }

    /// The verb, over the model it is to change.
    pub fn build(&self, student: Student) -> Learner {
        Learner { part: self.clone(), student }
    }

    /// Tokens that are computed at a time where `trained` numbers learn: what memory is estimated
    /// by. A longer lesson is computed whole.
    pub fn tokens_at_a_time(&self, trained: u64) -> usize {
        let training = self.training();
        let micros = gradient::at_a_time(usize::try_from(trained).unwrap_or(usize::MAX));
        training.batching.tokens.min(training.micro_batch_tokens.saturating_mul(micros))
    }

    /// Bytes of gradients that further micro-batches, computed at the same time, hold beside those
    /// of one and the sum.
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

    /// Whether it can train an adapter: a language model has one, a score head or a classifier not.
    pub fn may_adapt(&self) -> bool {
        self.head().is_none() && !matches!(self, LearnPart::Classify(_))
    }

    /// The adapter that it trains instead of the weights, if it does.
    pub fn lora(&self) -> Option<networks::Lora> {
        self.training().adapting.lora()
    }
}

/// A part of [`LearnPart`] at work on a model.
pub struct Learner {
    part: LearnPart,
    student: Student,
}

impl Learner {
    /// The loss over these lessons and what is reported with it, of the model as it is now. Nothing
    /// changes. Where a learner compares the model with the one it began with, that is the base.
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
        LearnerSettings::learn(&*self.part, stage, &mut self.student, lessons)
    }
}
