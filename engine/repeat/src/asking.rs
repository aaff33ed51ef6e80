//! The stage that asks: the tasks of a round.

use std::cell::Cell;
use std::collections::HashSet;

use events::{Event, TASKS};
use faults::Outcome;
use nouns::{AskContext, Cost, Grown, Stage, Task};
use serde_json::json;

use crate::figures::facts;
use crate::run_data::problems;
use crate::stages::{Done, Stages};
use crate::state::{Carried, Loop, digest_of_ids};
use crate::table::Table;

impl Loop<'_> {
    pub(crate) fn ask(&self, stages: &mut Stages, round: u32, carried: &Carried) -> Outcome<Done<Vec<Task>>> {
        let (grown, part) = (&carried.grown, &self.recipe.ask);
        let mut inputs = self.inputs([part.describe()]);
        inputs.upstream.insert("trainable".into(), digest_of_ids(&self.data.train));
        inputs.upstream.extend(grown.fingerprint.clone().map(|print| ("grown".into(), print)));
        inputs.upstream.extend(carried.table.digests_of(part.models()));
        let read = |stage: &store::Stage| Ok(store::read_tasks(&stage.file("parquet"))?);
        stages.run(round, "asked", &inputs, read, |work| {
            work.bus.tell(&Event::RoundStarted { round, of: self.rounds });
            let (tasks, cost) = self.tasks(&work.stage, &grown.tasks, &carried.table)?;
            work.draft.keep(tasks.iter().flat_map(Task::images))?;
            work.draft.file("parquet", &store::tasks_to_parquet(&tasks)?)?;
            let mut facts = facts([(TASKS, json!(problems(&tasks)))]);
            if !part.models().is_empty() {
                let trainable: HashSet<&str> = self.data.train.iter().map(|task| task.id.as_str()).collect();
                let invented = tasks.iter().filter(|task| !trainable.contains(task.id.as_str())).count();
                facts.insert("invented".into(), json!(invented));
                facts.insert("generated_tokens".into(), json!(cost.generated_tokens));
            }
            if part.grows().is_some() {
                facts.extend(grown.facts(self.data.world.as_ref(), &tasks));
            }
            Ok((tasks, facts))
        })
    }

    /// A round's tasks, and what the models cost that were asked for them.
    pub(crate) fn tasks(&self, stage: &Stage, grown: &[Grown], table: &Table) -> Outcome<(Vec<Task>, Cost)> {
        let cost = Cell::new(Cost::default());
        let cx = AskContext {
            trainable: &self.data.train,
            world: self.data.world.as_ref(),
            grown,
            models: &table.answering(self.recipe.ask.models().into_iter()),
            held_out: &|task| self.data.holds_out(task),
            pay: &|more| cost.set([cost.get(), more].into_iter().sum()),
        };
        Ok((self.recipe.ask.ask(stage, &cx)?, cost.get()))
    }
}
