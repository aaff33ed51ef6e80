//! What improved.

mod accuracy;
mod best_of;
pub mod paired;

pub use accuracy::Accuracy;
pub use best_of::BestOf;

recipe::parts! {
    /// What improved.
    pub enum MeasurePart {
        Accuracy(accuracy::Accuracy),
        BestOf(best_of::BestOf),
    }
}

impl MeasurePart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Measure> {
        match self {
            MeasurePart::Accuracy(part) => Box::new(part.clone()),
            MeasurePart::BestOf(part) => Box::new(part.clone()),
        }
    }
}
