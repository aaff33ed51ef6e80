//! The settings of an adapter that is trained instead of the weights.

use faults::Outcome;
use networks::Lora;
use nouns::Key;

use crate::fault::LearnFault;
use crate::student::Student;

/// What every learner's settings say of an adapter.
#[derive(Clone, Debug)]
pub(crate) struct Adapting {
    pub(crate) rank: usize,
    pub(crate) alpha: f64,
    pub(crate) dropout: f64,
    /// Separated by commas.
    pub(crate) targets: String,
    pub(crate) rslora: bool,
}

impl Adapting {
    /// The adapter that is asked for.
    pub(crate) fn lora(&self) -> Option<Lora> {
        let targets = self.targets.split(',').map(|target| target.trim().to_owned()).collect();
        (self.rank > 0).then(|| Lora::new(self.rank, self.alpha, self.dropout, targets, self.rslora))
    }

    /// Puts the adapter on the student, where one is asked for. An adapter that is there already
    /// goes on learning; one of another shape or scale than is asked for is refused.
    pub(crate) fn put_on(&self, student: &mut Student, key: &Key) -> Outcome<()> {
        let adapted = student.decoder.adapter().is_some() || self.rank > 0;
        if adapted && student.decoder.score.is_some() {
            return Err(LearnFault::AdaptedScores.into());
        }
        let Some(lora) = self.lora() else { return Ok(()) };
        match student.decoder.adapter() {
            Some(own) if own.is_like(&lora) => return Ok(()),
            Some(_) => return Err(LearnFault::Adapted.into()),
            None => {}
        }
        if !(self.alpha.is_finite() && self.alpha > 0.0) {
            return Err(
                LearnFault::Adapter { setting: "lora.alpha", value: self.alpha, wanted: "a positive number" }.into()
            );
        }
        if !(0.0..1.0).contains(&self.dropout) {
            let wanted = "a number from 0 to below 1";
            return Err(LearnFault::Adapter { setting: "lora.dropout", value: self.dropout, wanted }.into());
        }
        student.decoder = student.decoder.clone().with_new_adapter(lora, key, &student.device)?;
        Ok(())
    }
}
