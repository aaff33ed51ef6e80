//! One round of the loop, stage by stage. This file is the algorithm: what stages are handed is in
//! `state.rs`, how a model chooses and learns in `learning.rs`, what the models of a run are in
//! `table.rs`, and what is measured in `measuring.rs`.

use events::{Event, Facts};
use faults::Outcome;
use nouns::{Score, Task, Verdict};
use serde_json::json;
use store::Inputs;

use crate::entry::{Entry, POLICY};
use crate::figures::solved;
use crate::gate::{Asked, Decision, GATE, Standing, decide};
use crate::grade::graded_by;
use crate::learning::{Learning, Taught, stage_of};
use crate::measuring::Subject;
use crate::stages::{Done, Stages};
use crate::state::{Carried, Loop, RoundAttempts, RoundResult};
use crate::table::SLOTS;

impl Loop<'_> {
    /// One round: ask, attempt, check, choose, learn, measure, and the gate.
    pub(crate) fn round(&self, stages: &mut Stages, carried: &mut Carried, round: u32) -> Outcome<RoundResult> {
        let policy = carried.table.policy.now.policy(SLOTS);
        let asked = self.ask(stages, round, carried)?;
        let attempted = self.attempt(stages, round, (POLICY, &self.recipe.attempt, &policy), &asked, carried)?;
        let mut result = RoundResult::new(round, [&asked.facts, &attempted.facts]);
        result.spend(asked.seconds + attempted.seconds, &attempted.facts);
        let before = carried.solved.clone();
        let attempts =
            RoundAttempts { round, policy: &policy, tasks: &asked.output, attempted: &attempted, solved: &before };

        // A model that is judged in its own way has learned before the recipe's checkers ask it.
        for (name, entry) in self.recipe.models.iter().filter(|(_, entry)| !entry.check.is_empty()) {
            self.teach_beside(stages, (name, entry), (&attempts, None), &asked, carried, &mut result)?;
        }
        let checked = self.check(stages, &attempts, "checked", &self.recipe.check, &carried.table)?;
        self.refuse_unsettled(round, &checked.output)?;
        result.spend(checked.seconds, &checked.facts);
        carried.solved.extend(solved(&attempted.output, &checked.output).map(str::to_owned));
        self.grow(stages, &attempts, &checked, &mut carried.grown, &mut result)?;
        for (name, entry) in self.recipe.models.iter().filter(|(_, entry)| entry.check.is_empty()) {
            self.teach_beside(stages, (name, entry), (&attempts, Some(&checked)), &asked, carried, &mut result)?;
        }

        let Some(learning) = Learning::of_policy(self.recipe) else {
            let model = &carried.table.policy.now;
            let subject = Subject::new(model, &checked.fingerprint, &carried.table, &carried.base_scores);
            let measured = self.measure(stages, round, subject, &|_| {})?;
            result.spend(measured.seconds, &measured.facts);
            result.scores = measured.output;
            return Ok(result);
        };
        let Taught { chosen, learned } = self.teach(stages, &learning, &attempts, &checked, carried)?;
        result.spend(chosen.seconds, &chosen.facts);
        result.spend(learned.seconds, &learned.facts);
        let (model, update) = learned.output;

        let subject = Subject::new(&model, &learned.fingerprint, &carried.table, &carried.base_scores);
        let measured = self.measure(stages, round, subject, &|_| {})?;
        result.spend(measured.seconds, &measured.facts);
        let decided = self.gate(stages, round, carried, &measured)?;
        result.spend(decided.seconds, &decided.facts);
        if decided.output.promoted {
            carried.keep(&self.recipe.repeat, model, measured.output.clone());
        }
        let row = &mut carried.table.policy;
        (row.chosen, row.chosen_fingerprint) = (chosen.output, Some(chosen.fingerprint));
        (result.scores, result.update, result.decision) = (measured.output, Some(update), Some(decided.output));
        Ok(result)
    }

    /// A model beside the policy learns: from its own attempts, if it makes some, else from the
    /// policy's; by its own checkers, if it has some, else by what the recipe's said of those
    /// attempts.
    fn teach_beside(
        &self,
        stages: &mut Stages,
        (name, entry): (&str, &Entry),
        (attempts, checked): (&RoundAttempts, Option<&Done<Vec<Verdict>>>),
        asked: &Done<Vec<Task>>,
        carried: &mut Carried,
        result: &mut RoundResult,
    ) -> Outcome<()> {
        let Some(learning) = Learning::of_entry(name, entry, attempts.round) else { return Ok(()) };
        let own = match (entry.attempt.is_empty(), carried.table.model(name)) {
            (false, Some(model)) => {
                let policy = model.policy(SLOTS);
                let attempted =
                    self.attempt(stages, attempts.round, (name, &entry.attempt, &policy), asked, carried)?;
                result.add(attempted.seconds, &attempted.facts);
                Some((policy, attempted))
            }
            _ => None,
        };
        let attempts = match &own {
            Some((policy, attempted)) => RoundAttempts { policy, attempted, ..*attempts },
            None => *attempts,
        };
        let judges = if entry.check.is_empty() { &self.recipe.check } else { &entry.check };
        let judged = match checked.filter(|_| own.is_none()) {
            Some(_) => None,
            None => Some(self.check(stages, &attempts, &stage_of("checked", name), judges, &carried.table)?),
        };
        let Some(checked) = judged.as_ref().or(checked) else { return Ok(()) };
        let taught = self.teach(stages, &learning, &attempts, checked, carried)?;
        result.add(taught.chosen.seconds + taught.learned.seconds, &taught.learned.facts);
        carried.becomes(name, taught);
        Ok(())
    }

    fn gate(
        &self,
        stages: &mut Stages,
        round: u32,
        carried: &Carried,
        measured: &Done<Vec<Score>>,
    ) -> Outcome<Done<Decision>> {
        let mut inputs =
            Inputs { recipe: json!({ "gate": self.recipe.repeat.gate }), seed: self.seed, ..Inputs::default() };
        inputs.parts.insert("gate".into(), GATE);
        inputs.upstream.insert("measured".into(), measured.fingerprint.clone());
        inputs.model = Some(carried.table.policy.now.digest.clone());
        let read = |stage: &store::Stage| Ok(store::read_json(&stage.file("json"))?);
        stages.run(round, "gate", &inputs, read, |work| {
            let before = Standing { round: carried.table.policy.now.round, scores: &carried.kept_scores };
            let after = Standing { round, scores: &measured.output };
            let asked = Asked {
                gate: self.recipe.repeat.gate,
                graded_by: &graded_by(self.recipe),
                forgetting: self.data.forgetting.is_some(),
            };
            let decision = decide(asked, &work.stage.key, before, after);
            work.bus.tell(&Event::GateDecided {
                round,
                promoted: decision.promoted,
                kept_round: decision.kept,
                why: decision.why.clone(),
            });
            work.draft.json(&decision)?;
            Ok((decision, Facts::new()))
        })
    }
}
