use networks::{Decoder, Device, ModelFault, ScoreHead};

use crate::course::Course;

/// A model that learns: its weights and where they are.
#[derive(Clone)]
pub struct Student {
    /// The weights, on `device`, outside any gradient graph.
    pub decoder: Decoder,
    /// The base model, where a learner asks for it. It is not trained.
    pub base: Decoder,
    /// The teacher, where a learner asks for one; the base model if the recipe names none. It is
    /// not trained.
    pub teacher: Option<Decoder>,
    /// The moving average of the models before it; the base model, if there is none. It is not
    /// trained.
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

    /// Gives it a score head, if it has none.
    pub(crate) fn gain_scores(&mut self, head: ScoreHead) -> Result<(), ModelFault> {
        self.decoder = self.decoder.clone().with_scores(head, &self.device)?;
        Ok(())
    }
}
