use nouns::{Critics, Measure};

/// The settings of a measure: what it needs, and how it is built of that.
pub trait MeasureSettings {
    /// The verb, with the models beside the policy that score answers.
    fn build(&self, critics: &Critics) -> Box<dyn Measure>;

    /// The name of the model that it asks, if it asks one beside the policy.
    fn model(&self) -> Option<&str> {
        None
    }

    /// Whether it compares with the base model's scores.
    fn compares(&self) -> bool {
        false
    }
}
