//! What improved.
//!
//! A measure gives a score for each item, not a mean: means are taken last, so that two models can
//! be compared in pairs, item by item, which sees differences that two means with their errors do
//! not.

mod accuracy;
mod answers;
mod best_of;
mod calibration;
mod corrections;
mod curves;
mod diversity;
mod drawing;
mod drift;
mod exploration;
mod gains;
mod labels;
pub mod paired;
mod ranked;
mod scaling;
mod self_knowledge;
mod settings;
mod values;

pub use accuracy::Accuracy;
pub use answers::{Answers, answers_by};
pub use best_of::BestOf;
pub use calibration::{Calibration, Confidence};
pub use corrections::Corrections;
pub use diversity::Diversity;
pub use drawing::draw_by;
pub use drift::Drift;
pub use exploration::Exploration;
pub use gains::Gains;
pub use labels::Labels;
pub use ranked::Ranked;
pub use scaling::{Scaling, scaling};
pub use self_knowledge::SelfKnowledge;
pub use settings::MeasureSettings;
pub use values::Values;

recipe::parts! {
    /// What improved.
    pub enum MeasurePart: MeasureSettings {
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
