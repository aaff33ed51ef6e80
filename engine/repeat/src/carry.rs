//! What goes on from round to round besides the weights in force: an optimizer's memory, a moving average, models for a soup.

use learn::LearnPart;
use serde_json::json;
use store::Inputs;

use crate::round::{Carried, Loop};
use crate::rounds::{Carry, Rounds};
use crate::teach::Teachable;
use checkpoint::Model;

impl Carried {
    /// A model passed the gate: it joins the moving average and the soup.
    pub(crate) fn keep(&mut self, repeat: &Rounds, model: &Model) {
        if repeat.average > 0.0 {
            let before = self.average.as_ref().unwrap_or(&self.base.decoder);
            self.average = Some(models::mixed(&model.decoder, 1.0 - repeat.average, before, &model.device));
        }
        self.soup.insert(0, model.decoder.clone());
        self.soup.truncate(repeat.soup as usize);
    }
}

impl Loop<'_> {
    /// What the policy's training is given.
    pub(crate) fn teachable<'a>(
        &self,
        from: &'a Model,
        carried: &'a Carried,
        part: &LearnPart,
        round: u32,
    ) -> Teachable<'a> {
        Teachable {
            teacher: part.teacher().and_then(|role| carried.cast.model(role)),
            average: carried.average.as_ref(),
            soup: &carried.soup,
            carry: self.recipe.repeat.carry,
            part: (round, self.rounds),
            ..Teachable::alone(from, &carried.base)
        }
    }

    /// Names all of it among a stage's inputs, where it decides what is learned.
    pub(crate) fn name_what_goes_on(&self, inputs: &mut Inputs, part: &LearnPart, models: Teachable) {
        let Teachable { from, average, soup, carry, part: which, .. } = models;
        if carry != Carry::Weights {
            inputs.recipe = json!([inputs.recipe, { "carry": carry }]);
            let bytes =
                from.optimizer_state.as_ref().map(|optimizer_state| optimizer_state.to_bytes()).unwrap_or_default();
            inputs.upstream.insert("optimizer".into(), nouns::Digest::of(&bytes));
        }
        if carry == Carry::Schedule {
            inputs.recipe = json!([inputs.recipe, { "round": which.0, "of": which.1 }]);
        }
        if let Some(average) = average.filter(|_| part.needs_average()) {
            inputs.upstream.insert("average".into(), models::digest(average));
        }
        for (number, stirred) in soup.iter().enumerate() {
            inputs.upstream.insert(format!("soup {number}"), models::digest(stirred));
        }
    }
}
