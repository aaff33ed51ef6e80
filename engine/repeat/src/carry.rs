//! What is carried from round to round besides the kept weights: the optimizer state, a moving
//! average, models for a soup.

use learn::LearnPart;
use nouns::Score;
use serde_json::json;
use store::Inputs;

use crate::entry::POLICY;
use crate::learning::{Learning, Taught};
use crate::rounds::{Carry, Rounds};
use crate::state::{Carried, Loop};
use crate::teach::Teachable;
use checkpoint::Model;

impl Carried {
    /// The policy's new model passed the gate: it joins the moving average and the soup, and is the
    /// kept model.
    pub(crate) fn keep(&mut self, repeat: &Rounds, model: Model, scores: Vec<Score>) {
        if let (Ok(new), Ok(first)) = (model.language(), self.table.policy.first.language()) {
            if repeat.average > 0.0 {
                let before = self.average.as_ref().unwrap_or(&first.decoder);
                let whole = new.decoder.clone().merged();
                self.average = Some(networks::mixed(&whole, 1.0 - repeat.average, before, &new.device));
            }
            if repeat.soup > 0 {
                self.soup.insert(0, new.decoder.clone().merged());
                self.soup.truncate(repeat.soup as usize);
            }
        }
        (self.table.policy.now, self.kept_scores) = (model, scores);
    }

    /// A model beside the policy is from now on what it has learned: no gate asks whether it is
    /// better.
    pub(crate) fn becomes(&mut self, name: &str, taught: Taught) {
        if let Some(row) = self.table.row_mut(name) {
            row.now = taught.learned.output.0;
            (row.chosen, row.chosen_fingerprint) = (taught.chosen.output, Some(taught.chosen.fingerprint));
        }
    }
}

impl<'l> Loop<'l> {
    /// What a model's training is given. A moving average, a soup and what an optimizer remembers
    /// are the policy's.
    pub(crate) fn teachable<'a>(
        &self,
        learning: &Learning,
        from: &'a Model,
        carried: &'a Carried,
        round: u32,
    ) -> Teachable<'a>
    where
        'l: 'a,
    {
        let table = &carried.table;
        let row = table.row(learning.name).unwrap_or(&table.policy);
        let alone = Teachable {
            teacher: learning.learn.teacher().and_then(|name| table.model(name)),
            keeps_adapter: row.adapted,
            ..Teachable::alone(from, &row.first)
        };
        match learning.name {
            POLICY => Teachable {
                base_name: self.base_name,
                average: carried.average.as_ref(),
                soup: &carried.soup,
                carry: self.recipe.repeat.carry,
                part: (round, self.rounds),
                ..alone
            },
            _ => alone,
        }
    }

    /// Names all of it among a stage's inputs, where it decides what is learned.
    pub(crate) fn name_what_goes_on(&self, inputs: &mut Inputs, part: &LearnPart, models: Teachable) {
        let Teachable { from, average, soup, carry, part: which, .. } = models;
        if carry != Carry::Weights {
            inputs.recipe = json!([inputs.recipe, { "carry": carry }]);
            let bytes = from.optimizer_state().map(|state| state.to_bytes()).unwrap_or_default();
            inputs.upstream.insert("optimizer".into(), nouns::Digest::of(&bytes));
        }
        if carry == Carry::Schedule {
            inputs.recipe = json!([inputs.recipe, { "round": which.0, "of": which.1 }]);
        }
        if let Some(average) = average.filter(|_| part.needs_average()) {
            inputs.upstream.insert("average".into(), networks::digest(average));
        }
        for (number, stirred) in soup.iter().enumerate() {
            inputs.upstream.insert(format!("soup {number}"), networks::digest(stirred));
        }
    }
}
