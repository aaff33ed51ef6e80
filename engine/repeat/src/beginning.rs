//! What the models beside the policy learn before the first round: a search guided by an untrained
//! value model is random.

use std::collections::HashSet;
use std::sync::Arc;

use ::recipe::Describe;
use faults::Outcome;
use learn::LearnPart;
use nouns::{DropTrees, Key, Policy, Silent, Stage, Task, Trace, Update};
use serde_json::json;

use crate::entry::Entry;
use crate::figures::attempt_facts;
use crate::labelled::{Labelled, Source, labelled_stage};
use crate::learning::{Learning, stage_of};
use crate::run_data::RunData;
use crate::stages::{Done, Stages};
use crate::state::{Carried, Loop, RoundAttempts, RoundResult, beside, digest_of_ids};
use crate::table::{SLOTS, Table};
use crate::teach::{Teachable, Told, teach};
use checkpoint::{Model, read_model};

impl Loop<'_> {
    /// Every model that has labelled answers learns from them.
    pub(crate) fn instruct_models(
        &self,
        stages: &mut Stages,
        carried: &mut Carried,
        result: &mut RoundResult,
    ) -> Outcome<()> {
        let RunData { world, train, labels: Some(oracle), .. } = self.data else { return Ok(()) };
        if self.recipe.models.values().all(|entry| entry.labelled.is_empty()) {
            return Ok(());
        }
        let tokens = carried.table.policy.first.language()?.tokens.clone();
        let held_out = |id: &str| self.data.is_held_out(id);
        let source = Source {
            world: world.as_ref(),
            oracle: oracle.as_ref(),
            tokens: &tokens,
            tasks: train,
            held_out: &held_out,
        };
        for (name, entry) in self.recipe.models.iter().filter(|_| source.flows()) {
            for (place, (part, learner)) in entry.labelled_learners(name)?.into_iter().enumerate() {
                let Some(row) = carried.table.row_mut(name) else { continue };
                let stage = labelled_stage(name, place);
                let done = self.instruct(stages, (&stage, part, &learner), &source, (&row.now, &row.first))?;
                result.spend(done.seconds, &done.facts);
                (row.now, row.instructed) = (done.output.0, true);
            }
        }
        Ok(())
    }

    fn instruct(
        &self,
        stages: &mut Stages,
        (stage, part, learner): (&str, &Labelled, &LearnPart),
        source: &Source,
        (from, base): (&Model, &Model),
    ) -> Outcome<Done<(Model, Update)>> {
        let mut inputs = self.inputs([part as &dyn Describe, learner.describe()]);
        inputs.model = Some(from.digest.clone());
        inputs.recipe = json!([inputs.recipe, { "world": source.world.name() }]);
        inputs.upstream.insert("held out".into(), self.data.digest_of_held_out());
        let read = |stage: &store::Stage| read_model(&stage.folder(), 0, from);
        stages.run(0, stage, &inputs, read, |work| {
            let lessons = source.lessons(part, &work.stage.key.of("answers"))?;
            teach(work, 0, learner, Teachable::alone(from, base), &lessons, Told::Nothing)
        })
    }

    /// Every model that has a beginning, and had no labelled answers, learns from the base model's
    /// attempts of that kind at the first tasks. What that costs is the base round's.
    pub(crate) fn begin_models(
        &self,
        stages: &mut Stages,
        carried: &mut Carried,
        result: &mut RoundResult,
    ) -> Outcome<()> {
        for (name, entry) in self.recipe.models.iter().filter(|(_, entry)| !entry.begin.is_empty()) {
            if carried.table.row(name).is_some_and(|row| row.instructed) {
                continue;
            }
            let Some(learning) = Learning::of_entry(name, entry, 0) else { continue };
            let (policy, tasks) = (carried.table.policy.now.policy(SLOTS), self.first_tasks(&carried.table)?);
            let attempted = self.first_attempts(stages, (name, entry), &policy, &tasks, carried)?;
            let attempts = RoundAttempts {
                round: 0,
                policy: &policy,
                tasks: &tasks,
                attempted: &attempted,
                solved: &HashSet::new(),
            };
            let judges = if entry.check.is_empty() { &self.recipe.check } else { &entry.check };
            let checked = self.check(stages, &attempts, &stage_of("checked", name), judges, &carried.table)?;
            let taught = self.teach(stages, &learning, &attempts, &checked, carried)?;
            for (seconds, facts) in [
                (attempted.seconds, &attempted.facts),
                (checked.seconds, &checked.facts),
                (taught.chosen.seconds, &taught.chosen.facts),
                (taught.learned.seconds, &taught.learned.facts),
            ] {
                result.spend(seconds, facts);
            }
            carried.becomes(name, taught);
        }
        Ok(())
    }

    /// The tasks that a round before the first would be asked.
    fn first_tasks(&self, table: &Table) -> Outcome<Vec<Task>> {
        let stage = Stage { round: 0, key: Key::root(self.seed).at(0).of("asked"), progress: &Silent };
        Ok(self.tasks(&stage, &[], table)?.0)
    }

    fn first_attempts(
        &self,
        stages: &mut Stages,
        (name, entry): (&str, &Entry),
        policy: &Arc<dyn Policy>,
        tasks: &[Task],
        carried: &Carried,
    ) -> Outcome<Done<Vec<Trace>>> {
        let mut inputs = self.inputs(entry.begin.iter().map(|part| part.describe() as &dyn Describe));
        inputs.upstream.extend(carried.table.digests_of(beside(&entry.begin)));
        inputs.model = Some(carried.table.policy.now.digest.clone());
        inputs.upstream.insert("asked".into(), digest_of_ids(tasks));
        let read = |stage: &store::Stage| Ok(store::read_traces(&stage.file("parquet"))?);
        stages.run(0, &stage_of("attempted", name), &inputs, read, |work| {
            let made = self.attempts(&entry.begin, &work.stage, policy, Some(&carried.table), tasks, &DropTrees)?;
            work.draft.keep(made.iter().flat_map(Trace::images))?;
            work.draft.file("parquet", &store::traces_to_parquet(&made)?)?;
            let facts = attempt_facts(&made);
            Ok((made, facts))
        })
    }
}
