use networks::Decoder;
use serde::{Deserialize, Serialize};

use crate::student::Student;

/// The reference model that a learner's likelihoods are relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// The run's base model.
    Base,
    /// The model that this update begins with.
    Previous,
    /// The moving average of the earlier rounds' models (`repeat.average`).
    Average,
    /// None: likelihoods are taken as they are.
    None,
}

impl Reference {
    /// Its weights, for a student that has not learned yet.
    pub(crate) fn of(self, student: &Student) -> Option<&Decoder> {
        match self {
            Reference::Base => Some(&student.base),
            // What is only assessed has learned already: what it began with is the base.
            Reference::Previous if student.course.assessing => Some(&student.base),
            Reference::Previous => Some(&student.decoder),
            Reference::Average => Some(student.average.as_ref().unwrap_or(&student.base)),
            Reference::None => None,
        }
    }
}
