//! The stage that attempts: a model answers a round's tasks, some at a time, so that a crash costs
//! little.

use std::collections::BTreeMap;
use std::sync::Arc;

use attempt::AttemptPart;
use events::Facts;
use faults::Outcome;
use nouns::{Answerers, AttemptContext, Critics, KeepTrees, Policy, Stage, Task, Trace};
use serde_json::Value;

use crate::entry::{POLICY, VALUE};
use crate::fault::RepeatFault;
use crate::figures::attempt_facts;
use crate::learning::stage_of;
use crate::stages::{Done, Stages, Work};
use crate::state::{Carried, Loop, beside, digests};
use crate::table::Table;
use crate::trees::{TREES, Trees};

/// Sequences of one part of the attempts: what a crash costs at most.
const PART: usize = 8192;

impl Loop<'_> {
    /// A model's attempts by these parts: the policy's, or those of a model beside it, which are
    /// called by its name.
    pub(crate) fn attempt(
        &self,
        stages: &mut Stages,
        round: u32,
        (name, parts, policy): (&str, &[AttemptPart], &Arc<dyn Policy>),
        asked: &Done<Vec<Task>>,
        carried: &Carried,
    ) -> Outcome<Done<Vec<Trace>>> {
        let described = parts.iter().map(|part| part.describe());
        let mut inputs = self.inputs(described.chain(self.recipe.check.iter().flat_map(|part| part.with_components())));
        inputs.model = Some(policy.digest());
        inputs.upstream.insert("asked".into(), asked.fingerprint.clone());
        let hints = self.data.hints.as_ref().and_then(|oracle| oracle.digest());
        inputs.upstream.extend(hints.map(|hints| ("outside".into(), hints)));
        inputs.upstream.extend(digests(&carried.table.critics()));
        inputs.upstream.extend(carried.table.digests_of(beside(parts)));
        let read = |stage: &store::Stage| {
            let manifest =
                stage.manifest().map_err(|why| RepeatFault::Damaged { path: stage.folder(), why: why.to_string() })?;
            let parts = stage.parts(&manifest).into_iter().map(|path| store::read_traces(&path));
            Ok(parts.collect::<Result<Vec<_>, _>>()?.concat())
        };
        stages.run(round, &stage_of("attempted", name), &inputs, read, |work| {
            self.attempt_in_parts(work, (name, parts, policy), &carried.table, &asked.output)
        })
    }

    /// Attempts some tasks at a time and commits each part, so that a crash costs one part at most.
    fn attempt_in_parts(
        &self,
        work: Work,
        (name, by, policy): (&str, &[AttemptPart], &Arc<dyn Policy>),
        table: &Table,
        tasks: &[Task],
    ) -> Outcome<(Vec<Trace>, Facts)> {
        let per_task = by.iter().map(|part| part.answers_per_task()).sum::<usize>().max(1);
        let tasks_per_part = (PART / per_task).max(1);
        let kept: BTreeMap<u32, String> =
            work.draft.kept().into_iter().map(|(number, file)| (number, file.path.clone())).collect();
        let mut traces: Vec<Trace> = Vec::new();
        for (number, part) in tasks.chunks(tasks_per_part).enumerate() {
            work.meter.piece((number * tasks_per_part * per_task) as u64, (tasks.len() * per_task) as u64);
            if let Some(path) = kept.get(&(number as u32)) {
                traces.extend(store::read_traces(&work.folder.join(path))?);
                continue;
            }
            let trees = Trees::default();
            let mut made = self.attempts(by, &work.stage, policy, Some(table), part, &trees)?;
            if name != POLICY {
                made.iter_mut().for_each(|trace| is_by(name, trace));
            }
            if let Some(bytes) = trees.to_parquet()? {
                work.draft.beside(TREES, number as u32, &bytes)?;
            }
            work.draft.keep(made.iter().flat_map(Trace::images))?;
            work.draft.part(number as u32, &store::traces_to_parquet(&made)?, Value::Null)?;
            traces.extend(made);
        }
        let facts = attempt_facts(&traces);
        Ok((traces, facts))
    }

    /// These parts in order, each given what the one before it made.
    pub(crate) fn attempts(
        &self,
        parts: &[AttemptPart],
        stage: &Stage,
        policy: &Arc<dyn Policy>,
        table: Option<&Table>,
        tasks: &[Task],
        trees: &dyn KeepTrees,
    ) -> Outcome<Vec<Trace>> {
        let critics = table.map_or_else(Critics::new, Table::critics);
        let checker = self.data.checker(&self.recipe.check, policy, table)?;
        let cx = AttemptContext {
            policy: policy.as_ref(),
            models: &table.map_or_else(Answerers::new, |table| table.answering(beside(parts))),
            checker: checker.as_ref(),
            world: self.data.world.as_ref(),
            oracle: self.data.hints.as_deref(),
            value: critics.get(VALUE).map(|model| model.as_ref()),
            trees,
            held_out: &|id| self.data.is_held_out(id),
        };
        parts.iter().try_fold(Vec::new(), |made, part| part.attempt(stage, &cx, tasks, made))
    }
}

/// An attempt of a model beside the policy is named by it, and so are those that it comes from.
fn is_by(name: &str, trace: &mut Trace) {
    let named = |id: &str| format!("{name}/{id}");
    (trace.model_name, trace.id) = (name.to_owned(), named(&trace.id));
    trace.parent = trace.parent.as_deref().map(named);
}
