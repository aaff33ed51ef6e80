//! What improved.

mod accuracy;
mod answers;
mod best_of;
mod calibration;
mod corrections;
mod curves;
mod diversity;
mod drift;
mod exploration;
mod gains;
mod labels;
pub mod paired;
mod ranked;
mod scaling;
mod self_knowledge;
mod values;

pub use accuracy::Accuracy;
pub use answers::{Answers, answers_by};
pub use best_of::BestOf;
pub use calibration::{Calibration, Confidence};
pub use corrections::Corrections;
pub use diversity::Diversity;
pub use drift::Drift;
pub use exploration::Exploration;
pub use gains::Gains;
pub use labels::Labels;
pub use ranked::Ranked;
pub use scaling::Scaling;
pub use self_knowledge::SelfKnowledge;
pub use values::Values;

recipe::parts! {
    /// What improved.
    pub enum MeasurePart {
        Accuracy(accuracy::Accuracy),
        BestOf(best_of::BestOf),
        Ranked(ranked::Ranked),
        Answers(answers::Answers),
        Scaling(scaling::Scaling),
        Calibration(calibration::Calibration),
        Corrections(corrections::Corrections),
        Diversity(diversity::Diversity),
        Drift(drift::Drift),
        Values(values::Values),
        Labels(labels::Labels),
        Exploration(exploration::Exploration),
        SelfKnowledge(self_knowledge::SelfKnowledge),
        Gains(gains::Gains),
    }
}

impl MeasurePart {
    /// The role of the model that it asks, if it asks one beside the policy.
    pub fn role(&self) -> Option<&str> {
        match self {
            MeasurePart::Ranked(part) => Some(&part.role),
            MeasurePart::Drift(part) => Some(&part.role),
            MeasurePart::Values(part) => Some(&part.role),
            MeasurePart::Labels(part) => Some(&part.role),
            _ => None,
        }
    }

    /// Whether it compares with the base model's scores.
    pub fn compares(&self) -> bool {
        matches!(self, MeasurePart::Gains(_))
    }

    /// The verb, with the models beside the policy that score answers.
    pub fn build(&self, critics: &nouns::Critics) -> Box<dyn nouns::Measure> {
        match self {
            MeasurePart::Accuracy(part) => Box::new(part.clone()),
            MeasurePart::BestOf(part) => Box::new(part.clone()),
            MeasurePart::Scaling(part) => Box::new(part.clone()),
            MeasurePart::Gains(part) => Box::new(part.clone()),
            MeasurePart::Calibration(part) => Box::new(part.clone()),
            MeasurePart::Corrections(part) => Box::new(part.clone()),
            MeasurePart::Diversity(part) => Box::new(part.clone()),
            MeasurePart::Exploration(part) => Box::new(part.clone()),
            MeasurePart::SelfKnowledge(part) => Box::new(part.clone()),
            MeasurePart::Drift(part) => {
                Box::new(drift::Drifted { part: part.clone(), other: critics.get(&part.role).cloned() })
            }
            MeasurePart::Ranked(part) => {
                Box::new(ranked::Ranking { part: part.clone(), judge: critics.get(&part.role).cloned() })
            }
            MeasurePart::Answers(part) => Box::new(part.clone()),
            MeasurePart::Values(part) => {
                Box::new(values::Valuing { part: part.clone(), model: critics.get(&part.role).cloned() })
            }
            MeasurePart::Labels(part) => Box::new(part.clone()),
        }
    }
}
