use models::{Decoder, Device, ModelFault, ScoreHead};

use crate::course::Course;

/// A model that learns: its weights and where they are.
#[derive(Clone)]
pub struct Student {
    /// The weights, on `device`, outside any gradient graph.
    pub decoder: Decoder,
    /// What it is compared with where a learner asks for the base model. Nothing changes it.
    pub base: Decoder,
    /// Whom it listens to where a learner asks for a teacher; the base model, if there is none.
    /// Nothing changes it.
    pub teacher: Option<Decoder>,
    /// The ema average of the models before it; the base model, if there is none. Nothing changes
    /// it.
    pub average: Option<Decoder>,
    /// Where it computes.
    pub device: Device,
    /// Where this training stands in a longer one.
    pub course: Course,
}

impl Student {
    /// A student that is its own base.
    pub fn new(decoder: Decoder, device: Device) -> Student {
        let base = decoder.clone();
        Student { decoder, base, teacher: None, average: None, device, course: Course::default() }
    }

    /// Gives it a head of scores, if it has none.
    pub(crate) fn gain_scores(&mut self, head: ScoreHead) -> Result<(), ModelFault> {
        self.decoder = self.decoder.clone().with_scores(head, &self.device)?;
        Ok(())
    }
}
