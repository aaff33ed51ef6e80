use faults::Outcome;
use networks::ScoreHead;
use nouns::{Lesson, LessonKind, Stage, Update};

use crate::student::Student;
use crate::training::Descends;

/// The settings of a learner: what lessons it executes, what it needs, and how it learns.
pub trait LearnerSettings: Descends {
    /// The kind of lesson that it executes; it refuses others.
    fn takes(&self) -> LessonKind;

    /// Learns from the lessons: changes the student's weights.
    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update>;

    /// The score head that it gives a model which has none; none for what teaches a policy.
    fn head(&self) -> Option<ScoreHead> {
        None
    }

    /// Whether a score of that head is the logit of a probability.
    fn scores_are_logits(&self) -> bool {
        false
    }

    /// The name of the teacher, a model of the recipe.
    fn teacher(&self) -> Option<&str> {
        None
    }

    /// Whether the moving average of the models before decides what it does.
    fn needs_average(&self) -> bool {
        false
    }

    /// Whether the base model decides what it does.
    fn needs_base(&self) -> bool {
        false
    }
}
