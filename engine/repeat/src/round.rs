//! One turn of the loop, stage by stage. This file is the algorithm: how a model chooses and learns
//! is in `learning.rs`, what the models of a run are in `table.rs`, and what is measured in
//! `measuring.rs`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ::recipe::Describe;
use attempt::AttemptPart;
use check::CheckPart;
use events::{Event, Facts, TASKS};
use faults::Outcome;
use models::Decoder;
use nouns::{
    AskContext, AttemptContext, Check, Critics, Digest, KeepTrees, Policy, Score, Stage, Task, Trace, Update, Verdict,
};
use serde_json::{Value, json};
use store::{Checked, Inputs};

use crate::entry::{Entry, POLICY, VALUE};
use crate::fault::RepeatFault;
use crate::figures::{attempt_facts, check_facts, component_facts, facts, reward_auroc, solved};
use crate::gate::{Asked, Decision, GATE, Standing, decide};
use crate::grade::graded_by;
use crate::growth::Growth;
use crate::learning::{Learning, Taught, stage_of};
use crate::measuring::Subject;
use crate::recipe::Recipe;
use crate::scene::{Scene, problems};
use crate::stages::{Done, Stages, Work};
use crate::table::Table;
use crate::trees::{TREES, Trees};

/// Sequences in flight while sampling: enough to keep the kernels busy, few enough for the cache.
pub const SLOTS: usize = 512;
/// Sequences of one part of the attempts: what a crash costs at most.
const PART: usize = 8192;

/// What stays the same over the rounds.
#[derive(Clone, Copy)]
pub(crate) struct Loop<'a> {
    pub(crate) recipe: &'a Recipe,
    pub(crate) scene: &'a Scene,
    /// What grades the result: gate, summary and accuracy follow it.
    pub(crate) grader: &'a dyn Check,
    /// The model that it asks, if it asks one.
    pub(crate) graded_by_model: Option<&'a Digest>,
    pub(crate) seed: u64,
    pub(crate) rounds: u32,
    /// Whether the base model was made from nothing.
    pub(crate) from_nothing: bool,
}

/// What a round hands to the next.
pub(crate) struct Carried {
    /// Every model of the run.
    pub(crate) table: Table,
    /// The scores of the kept policy, with which the next one is compared.
    pub(crate) kept_scores: Vec<Score>,
    /// Those of the base model.
    pub(crate) base_scores: Vec<Score>,
    /// The moving average of the models kept, if the recipe has one.
    pub(crate) average: Option<Decoder>,
    /// The last models kept, newest first, if the recipe stirs them into a soup.
    pub(crate) soup: Vec<Decoder>,
    /// Tasks that a round has solved.
    pub(crate) solved: HashSet<String>,
    /// What has grown out of attempts, for recipes whose tasks do.
    pub(crate) grown: Growth,
}

/// A round's attempts by one model: what it, or everyone, learns from.
#[derive(Clone, Copy)]
pub(crate) struct Played<'a> {
    pub(crate) round: u32,
    /// Who attempted.
    pub(crate) policy: &'a Arc<dyn Policy>,
    pub(crate) tasks: &'a [Task],
    pub(crate) attempted: &'a Done<Vec<Trace>>,
    /// Tasks that a round before has solved.
    pub(crate) solved: &'a HashSet<String>,
}

/// What a round did.
pub(crate) struct Turned {
    pub(crate) round: u32,
    pub(crate) scores: Vec<Score>,
    pub(crate) facts: Facts,
    pub(crate) update: Option<Update>,
    pub(crate) decision: Option<Decision>,
    pub(crate) seconds: f64,
    pub(crate) tokens: u64,
}

impl Loop<'_> {
    /// One round: ask, attempt, check, choose, learn, measure, and the gate.
    pub(crate) fn turn(&self, stages: &mut Stages, carried: &mut Carried, round: u32) -> Outcome<Turned> {
        let policy = carried.table.policy.now.policy(SLOTS);
        let asked = self.ask(stages, round, &carried.grown)?;
        let attempted = self.attempt(stages, round, (POLICY, &self.recipe.attempt, &policy), &asked, carried)?;
        let mut turned = Turned::new(round, [&asked.facts, &attempted.facts]);
        turned.spend(asked.seconds + attempted.seconds, &attempted.facts);
        let before = carried.solved.clone();
        let played = Played { round, policy: &policy, tasks: &asked.output, attempted: &attempted, solved: &before };

        // A model that is judged in its own way has learned before the recipe's checkers ask it.
        for (name, entry) in self.recipe.models.iter().filter(|(_, entry)| !entry.check.is_empty()) {
            self.teach_beside(stages, (name, entry), (&played, None), &asked, carried, &mut turned)?;
        }
        let checked = self.check(stages, &played, "checked", &self.recipe.check, &carried.table)?;
        self.refuse_unsettled(round, &checked.output)?;
        turned.spend(checked.seconds, &checked.facts);
        carried.solved.extend(solved(&attempted.output, &checked.output).map(str::to_owned));
        self.grow(stages, &played, &checked, &mut carried.grown, &mut turned)?;
        for (name, entry) in self.recipe.models.iter().filter(|(_, entry)| entry.check.is_empty()) {
            self.teach_beside(stages, (name, entry), (&played, Some(&checked)), &asked, carried, &mut turned)?;
        }

        let Some(learning) = Learning::of_policy(self.recipe) else {
            let model = &carried.table.policy.now;
            let subject = Subject::new(model, &checked.fingerprint, &carried.table, &carried.base_scores);
            let measured = self.measure(stages, round, subject, &|_| {})?;
            turned.spend(measured.seconds, &measured.facts);
            turned.scores = measured.output;
            return Ok(turned);
        };
        let Taught { chosen, learned } = self.teach(stages, &learning, &played, &checked, carried)?;
        turned.spend(chosen.seconds, &chosen.facts);
        turned.spend(learned.seconds, &learned.facts);
        let (model, update) = learned.output;

        let subject = Subject::new(&model, &learned.fingerprint, &carried.table, &carried.base_scores);
        let measured = self.measure(stages, round, subject, &|_| {})?;
        turned.spend(measured.seconds, &measured.facts);
        let decided = self.gate(stages, round, carried, &measured)?;
        turned.spend(decided.seconds, &decided.facts);
        if decided.output.promoted {
            carried.keep(&self.recipe.repeat, model, measured.output.clone());
        }
        let row = &mut carried.table.policy;
        (row.chosen, row.chosen_fingerprint) = (chosen.output, Some(chosen.fingerprint));
        (turned.scores, turned.update, turned.decision) = (measured.output, Some(update), Some(decided.output));
        Ok(turned)
    }

    /// A model beside the policy learns: from its own attempts, if it makes some, else from the
    /// policy's; by its own checkers, if it has some, else by what the recipe's said of those
    /// attempts.
    fn teach_beside(
        &self,
        stages: &mut Stages,
        (name, entry): (&str, &Entry),
        (played, checked): (&Played, Option<&Done<Vec<Verdict>>>),
        asked: &Done<Vec<Task>>,
        carried: &mut Carried,
        turned: &mut Turned,
    ) -> Outcome<()> {
        let Some(learning) = Learning::of_entry(name, entry, played.round) else { return Ok(()) };
        let own = match (entry.attempt.is_empty(), carried.table.model(name)) {
            (false, Some(model)) => {
                let policy = model.policy(SLOTS);
                let attempted = self.attempt(stages, played.round, (name, &entry.attempt, &policy), asked, carried)?;
                turned.add(attempted.seconds, &attempted.facts);
                Some((policy, attempted))
            }
            _ => None,
        };
        let played = match &own {
            Some((policy, attempted)) => Played { policy, attempted, ..*played },
            None => *played,
        };
        let judges = if entry.check.is_empty() { &self.recipe.check } else { &entry.check };
        let judged = match checked.filter(|_| own.is_none()) {
            Some(_) => None,
            None => Some(self.check(stages, &played, &stage_of("checked", name), judges, &carried.table)?),
        };
        let Some(checked) = judged.as_ref().or(checked) else { return Ok(()) };
        let taught = self.teach(stages, &learning, &played, checked, carried)?;
        turned.add(taught.chosen.seconds + taught.learned.seconds, &taught.learned.facts);
        carried.becomes(name, taught);
        Ok(())
    }

    pub(crate) fn inputs<'p>(&self, parts: impl IntoIterator<Item = &'p dyn Describe>) -> Inputs {
        let parts: Vec<&dyn Describe> = parts.into_iter().collect();
        let values = parts.iter().map(|part| json!({ part.name(): learn::SHARED.flattened(&part.values()) })).collect();
        let versions = parts.iter().map(|part| (part.name().to_owned(), part.version())).collect();
        Inputs { recipe: Value::Array(values), parts: versions, seed: self.seed, ..Inputs::default() }
    }

    fn ask(&self, stages: &mut Stages, round: u32, grown: &Growth) -> Outcome<Done<Vec<Task>>> {
        let mut inputs = self.inputs([self.recipe.ask.describe()]);
        inputs.upstream.insert("trainable".into(), digest_of_ids(&self.scene.train));
        inputs.upstream.extend(grown.fingerprint.clone().map(|print| ("grown".into(), print)));
        let read = |stage: &store::Stage| Ok(store::read_tasks(&stage.file("parquet"))?);
        stages.run(round, "asked", &inputs, read, |work| {
            work.bus.tell(&Event::RoundStarted { round, of: self.rounds });
            let (trainable, world) = (&self.scene.train[..], self.scene.world.as_ref());
            let tasks = self.recipe.ask.ask(&work.stage, &AskContext { trainable, world, grown: &grown.tasks })?;
            work.draft.keep(tasks.iter().flat_map(Task::images))?;
            work.draft.file("parquet", &store::tasks_to_parquet(&tasks)?)?;
            let mut facts = facts([(TASKS, json!(problems(&tasks)))]);
            if self.recipe.ask.grows().is_some() {
                facts.extend(grown.facts(world, &tasks));
            }
            Ok((tasks, facts))
        })
    }

    /// A model's attempts by these parts: the policy's, or those of a model beside it, which are
    /// called by its name.
    fn attempt(
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
        let hints = self.scene.hints.as_ref().and_then(|oracle| oracle.digest());
        inputs.upstream.extend(hints.map(|hints| ("outside".into(), hints)));
        inputs.upstream.extend(digests(&carried.table.critics()));
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
        let checker = self.scene.checker(&self.recipe.check, policy, table)?;
        let cx = AttemptContext {
            policy: policy.as_ref(),
            checker: checker.as_ref(),
            world: self.scene.world.as_ref(),
            oracle: self.scene.hints.as_deref(),
            value: critics.get(VALUE).map(|model| model.as_ref()),
            trees,
            held_out: &|id| self.scene.is_held_out(id),
        };
        parts.iter().try_fold(Vec::new(), |made, part| part.attempt(stage, &cx, tasks, made))
    }

    /// What the attempts are worth by these checkers, as a stage of this name.
    pub(crate) fn check(
        &self,
        stages: &mut Stages,
        played: &Played,
        name: &str,
        parts: &[CheckPart],
        table: &Table,
    ) -> Outcome<Done<Vec<Verdict>>> {
        let Played { round, policy, tasks, attempted, solved } = *played;
        let mut inputs = self.inputs(parts.iter().flat_map(|part| part.with_components()));
        inputs.upstream.insert("attempted".into(), attempted.fingerprint.clone());
        if parts.iter().any(|part| !part.roles().is_empty()) {
            inputs.upstream.extend(digests(&table.critics()));
        }
        let answering = parts.iter().flat_map(|part| part.models()).filter(|name| *name != POLICY);
        inputs
            .upstream
            .extend(answering.filter_map(|name| Some((format!("model {name}"), table.model(name)?.digest.clone()))));
        let checker = self.scene.checker(parts, policy, Some(table))?;
        inputs.upstream.extend(checker.outside().map(|outside| ("outside".into(), outside)));
        let read = |stage: &store::Stage| {
            Ok(store::read_verdicts(&stage.file("parquet"))?.into_iter().map(|row| row.judgement.verdict).collect())
        };
        stages.run(round, name, &inputs, read, |work| {
            let judged = checker.judge(&work.stage, tasks, &attempted.output)?;
            let verdicts: Vec<Verdict> = judged.iter().map(|judgement| judgement.verdict.clone()).collect();
            let mut facts = check_facts(&attempted.output, &verdicts, solved);
            facts.extend(component_facts(&judged));
            let row = |(trace, judgement): (&Trace, _)| Checked { trace: trace.id.clone(), judgement };
            let rows: Vec<Checked> = attempted.output.iter().zip(judged).map(row).collect();
            work.draft.file("parquet", &store::verdicts_to_parquet(&rows)?)?;
            // Where no right answer decides the reward, they say what it is still worth: people are told, nobody learns from it.
            if !parts.iter().any(|part| part.needs_oracle()) {
                let truth = self.scene.truth.check(&work.stage, tasks, &attempted.output)?;
                facts.insert("reward_auroc".into(), json!(reward_auroc(&verdicts, &truth)));
            }
            Ok((verdicts, facts))
        })
    }

    fn refuse_unsettled(&self, round: u32, verdicts: &[Verdict]) -> Result<(), RepeatFault> {
        let unsettled: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.is_unsettled()).collect();
        match unsettled.first() {
            Some(example) if unsettled.len() as f64 > self.recipe.repeat.unsettled_limit * verdicts.len() as f64 => {
                Err(RepeatFault::Unsettled {
                    round,
                    unsettled: unsettled.len(),
                    attempts: verdicts.len(),
                    example: example.to_string(),
                })
            }
            _ => Ok(()),
        }
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
                forgetting: self.scene.forgetting.is_some(),
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

/// An attempt of a model beside the policy is named by it, and so are those that it comes from.
fn is_by(name: &str, trace: &mut Trace) {
    let named = |id: &str| format!("{name}/{id}");
    (trace.role, trace.id) = (name.to_owned(), named(&trace.id));
    trace.parent = trace.parent.as_deref().map(named);
}

/// Names the models beside the policy.
pub(crate) fn digests(critics: &Critics) -> impl Iterator<Item = (String, Digest)> + '_ {
    critics.iter().map(|(role, model)| (format!("role {role}"), model.digest()))
}

pub(crate) fn digest_of_ids(tasks: &[Task]) -> Digest {
    Digest::of_fields(tasks.iter().map(|task| task.id.as_bytes()))
}

impl Turned {
    /// Round 0, before anything was spent.
    pub(crate) fn base() -> Turned {
        Turned::new(0, [&Facts::new(), &Facts::new()])
    }

    fn new(round: u32, stages: [&Facts; 2]) -> Turned {
        let facts: BTreeMap<String, Value> =
            stages.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
        Turned { round, scores: Vec::new(), facts, update: None, decision: None, seconds: 0.0, tokens: 0 }
    }

    /// A stage of the policy was done: its facts are the round's.
    pub(crate) fn spend(&mut self, seconds: f64, facts: &Facts) {
        self.add(seconds, facts);
        self.facts.extend(facts.clone());
    }

    /// A stage of a model beside it was done: what it cost counts.
    fn add(&mut self, seconds: f64, facts: &Facts) {
        self.seconds += seconds;
        let tokens = |name: &str| facts.get(name).and_then(Value::as_u64).unwrap_or(0);
        self.tokens += tokens("generated_tokens") + tokens("trained_tokens");
    }
}
