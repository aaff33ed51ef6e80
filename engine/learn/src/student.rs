use models::{Decoder, Device, ModelFault, ScoreHead};

/// A model that learns: its weights and where they are.
#[derive(Clone)]
pub struct Student {
    /// The weights, on `device`, outside any gradient graph.
    pub decoder: Decoder,
    /// What it is compared with where a learner asks for the base model. Nothing changes it.
    pub base: Decoder,
    /// Whom it listens to where a learner asks for a teacher; the base model, if there is none. Nothing changes it.
    pub teacher: Option<Decoder>,
    /// Where it computes.
    pub device: Device,
}

impl Student {
    /// A student that is its own base.
    pub fn new(decoder: Decoder, device: Device) -> Student {
        Student { base: decoder.clone(), teacher: None, decoder, device }
    }

    /// Gives it a head of scores, if it has none.
    pub(crate) fn gain_scores(&mut self, head: ScoreHead) -> Result<(), ModelFault> {
        self.decoder = self.decoder.clone().with_scores(head, &self.device)?;
        Ok(())
    }
}
