//! One turn of the loop, stage by stage. This file is the algorithm.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ::recipe::Describe;
use attempt::AttemptPart;
use events::{Event, Facts, TASKS};
use faults::Outcome;
use models::Decoder;
use nouns::{
    AskContext, AttemptContext, Candidate, Critics, Digest, KeepTrees, Policy, Score, Stage, Task, Trace, Update,
    Verdict,
};
use policy::LocalPolicy;
use serde_json::{Value, json};
use store::{Checked, Inputs};

use crate::fault::RepeatFault;
use crate::figures::{attempt_facts, check_facts, facts, reward_auroc, solved};
use crate::gate::{Decision, Standing, decide};
use crate::growth::Growth;
use crate::lessons::{choose, embed, lessons, pool};
use crate::measuring::Subject;
use crate::recipe::Recipe;
use crate::roles::{Cast, Judged};
use crate::rounds::StartFrom;
use crate::scene::{Scene, problems};
use crate::stages::{Done, Stages, Work};
use crate::teach::{Teachable, teach};
use crate::trees::{TREES, Trees};
use checkpoint::{Model, read_model};

/// Sequences in flight while sampling: enough to keep the kernels busy, few enough for the cache.
pub const SLOTS: usize = 512;
/// Sequences of one part of the attempts: what a crash costs at most.
const PART: usize = 8192;
/// The role of the model that guides searches.
pub(crate) const VALUE: &str = "value";

/// What stays the same over the rounds.
#[derive(Clone, Copy)]
pub(crate) struct Loop<'a> {
    pub(crate) recipe: &'a Recipe,
    pub(crate) scene: &'a Scene,
    pub(crate) seed: u64,
    pub(crate) rounds: u32,
    /// Whether the base model was made from nothing.
    pub(crate) from_nothing: bool,
}

/// What a round hands to the next.
pub(crate) struct Carried {
    /// The model in force, and its round.
    pub(crate) kept: Model,
    /// Its scores, by which the next is judged.
    pub(crate) kept_scores: Vec<Score>,
    /// The base model: what some methods begin every round with.
    pub(crate) base: Model,
    /// Its scores.
    pub(crate) base_scores: Vec<Score>,
    /// The models beside it.
    pub(crate) cast: Cast,
    /// The moving average of the models kept, if the recipe has one.
    pub(crate) average: Option<Decoder>,
    /// The last models kept, newest first, if the recipe stirs them into a soup.
    pub(crate) soup: Vec<Decoder>,
    /// Tasks that a round has solved.
    pub(crate) solved: HashSet<String>,
    /// What has grown out of attempts, for recipes whose tasks do.
    pub(crate) grown: Growth,
    /// The attempts chosen so far, for recipes with a memory.
    pub(crate) chosen: Vec<Candidate>,
    /// Fingerprint of the last choice.
    pub(crate) chosen_fingerprint: Option<Digest>,
}

/// What was attempted in a round: what everyone learns from.
#[derive(Clone, Copy)]
pub(crate) struct Played<'a> {
    pub(crate) round: u32,
    pub(crate) policy: &'a Arc<LocalPolicy>,
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
        let policy = Arc::new(carried.kept.policy(SLOTS));
        let asked = self.ask(stages, round, &carried.grown)?;
        let attempted = self.attempt(stages, round, &policy, &asked, carried)?;
        let mut turned = Turned::new(round, [&asked.facts, &attempted.facts]);
        turned.spend(asked.seconds + attempted.seconds, &attempted.facts);
        // A model that is judged in its own way has learned before anyone asks it.
        let before = carried.solved.clone();
        let played = Played { round, policy: &policy, tasks: &asked.output, attempted: &attempted, solved: &before };
        self.teach_roles(stages, &played, Judged::Apart, carried, &mut turned)?;
        let checked = self.check(stages, &played, "checked", &self.recipe.check, &carried.cast.critics())?;
        self.refuse_unsettled(round, &checked.output)?;
        turned.spend(checked.seconds, &checked.facts);
        carried.solved.extend(solved(&attempted.output, &checked.output).map(str::to_owned));
        self.grow(stages, &played, &checked, &mut carried.grown, &mut turned)?;
        self.teach_roles(stages, &played, Judged::Alike(&checked), carried, &mut turned)?;
        let Some(learn) = &self.recipe.learn else {
            let subject = Subject::new(&carried.kept, &checked.fingerprint, &carried.cast, &carried.base_scores);
            let measured = self.measure(stages, round, subject, &|_| {})?;
            turned.spend(measured.seconds, &measured.facts);
            turned.scores = measured.output;
            return Ok(turned);
        };
        let chosen = self.choose(stages, &played, &checked, carried)?;
        let from = match self.recipe.repeat.start_from {
            StartFrom::Previous => &carried.kept,
            StartFrom::Base => &carried.base,
        };
        let learned = self.learn(stages, round, learn, self.teachable(from, carried, learn, round), &chosen)?;
        let (model, update) = learned.output;
        let subject = Subject::new(&model, &learned.fingerprint, &carried.cast, &carried.base_scores);
        let measured = self.measure(stages, round, subject, &|_| {})?;
        let decided = self.gate(stages, round, carried, &measured)?;
        for (seconds, facts) in [
            (chosen.seconds, &chosen.facts),
            (learned.seconds, &learned.facts),
            (measured.seconds, &measured.facts),
            (decided.seconds, &decided.facts),
        ] {
            turned.spend(seconds, facts);
        }
        if decided.output.promoted {
            carried.keep(&self.recipe.repeat, &model);
            carried.kept = model;
            carried.kept_scores = measured.output.clone();
        }
        carried.chosen_fingerprint = Some(chosen.fingerprint);
        carried.chosen = chosen.output;
        (turned.scores, turned.update, turned.decision) = (measured.output, Some(update), Some(decided.output));
        Ok(turned)
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
            work.draft.file("parquet", &store::tasks_to_parquet(&tasks)?)?;
            let mut facts = facts([(TASKS, json!(problems(&tasks)))]);
            if self.recipe.ask.grows().is_some() {
                facts.extend(grown.facts(world, &tasks));
            }
            Ok((tasks, facts))
        })
    }

    fn attempt(
        &self,
        stages: &mut Stages,
        round: u32,
        policy: &Arc<LocalPolicy>,
        asked: &Done<Vec<Task>>,
        carried: &Carried,
    ) -> Outcome<Done<Vec<Trace>>> {
        let critics = carried.cast.critics();
        let parts = self.recipe.attempt.iter().map(|part| part.describe());
        let mut inputs = self.inputs(parts.chain(self.recipe.check.iter().map(|part| part.describe())));
        inputs.model = Some(policy.digest());
        inputs.upstream.insert("asked".into(), asked.fingerprint.clone());
        inputs.upstream.extend(digests(&critics));
        let read = |stage: &store::Stage| {
            let manifest =
                stage.manifest().map_err(|why| RepeatFault::Damaged { path: stage.folder(), why: why.to_string() })?;
            let parts = stage.parts(&manifest).into_iter().map(|path| store::read_traces(&path));
            Ok(parts.collect::<Result<Vec<_>, _>>()?.concat())
        };
        stages
            .run(round, "attempted", &inputs, read, |work| self.attempt_in_parts(work, policy, &critics, &asked.output))
    }

    /// Attempts some tasks at a time and commits each part, so that a crash costs one part at most.
    fn attempt_in_parts(
        &self,
        work: Work,
        policy: &Arc<LocalPolicy>,
        critics: &Critics,
        tasks: &[Task],
    ) -> Outcome<(Vec<Trace>, Facts)> {
        let per_task = self.recipe.attempt.iter().map(|part| part.answers_per_task()).sum::<usize>().max(1);
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
            let made = self.attempts(&self.recipe.attempt, &work.stage, policy, critics, part, &trees)?;
            if let Some(bytes) = trees.to_parquet()? {
                work.draft.beside(TREES, number as u32, &bytes)?;
            }
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
        policy: &Arc<LocalPolicy>,
        critics: &Critics,
        tasks: &[Task],
        trees: &dyn KeepTrees,
    ) -> Outcome<Vec<Trace>> {
        let checker = self.scene.checker(&self.recipe.check, policy, critics)?;
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
        parts: &[check::CheckPart],
        critics: &Critics,
    ) -> Outcome<Done<Vec<Verdict>>> {
        let Played { round, policy, tasks, attempted, solved } = *played;
        let mut inputs = self.inputs(parts.iter().map(|part| part.describe()));
        inputs.upstream.insert("attempted".into(), attempted.fingerprint.clone());
        if parts.iter().any(|part| part.role().is_some()) {
            inputs.upstream.extend(digests(critics));
        }
        let read = |stage: &store::Stage| {
            Ok(store::read_verdicts(&stage.file("parquet"))?.into_iter().map(|row| row.verdict).collect())
        };
        stages.run(round, name, &inputs, read, |work| {
            let checker = self.scene.checker(parts, policy, critics)?;
            let verdicts = checker.check(&work.stage, tasks, &attempted.output)?;
            let row =
                |(trace, verdict): (&Trace, &Verdict)| Checked { trace: trace.id.clone(), verdict: verdict.clone() };
            let rows: Vec<Checked> = attempted.output.iter().zip(&verdicts).map(row).collect();
            work.draft.file("parquet", &store::verdicts_to_parquet(&rows)?)?;
            let mut facts = check_facts(&attempted.output, &verdicts, solved);
            // Where no right answer decides the reward, they say what it is still worth: people are told, nobody learns from it.
            if !parts.iter().any(|part| part.needs_oracle()) {
                let truth = self.scene.grader.check(&work.stage, tasks, &attempted.output)?;
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

    fn choose(
        &self,
        stages: &mut Stages,
        played: &Played,
        checked: &Done<Vec<Verdict>>,
        carried: &Carried,
    ) -> Outcome<Done<Vec<Candidate>>> {
        let Played { round, policy, attempted, .. } = *played;
        let repeat: &dyn Describe = &self.recipe.repeat;
        let mut inputs = self.inputs(self.recipe.choose.iter().map(|part| part.describe()));
        inputs.upstream.insert("checked".into(), checked.fingerprint.clone());
        if self.recipe.choose.iter().any(|part| part.needs_embeddings()) {
            inputs.model = Some(policy.digest());
        }
        let memory = self.recipe.repeat.memory;
        if memory > 0 {
            inputs.parts.insert(repeat.name().into(), repeat.version());
            inputs.recipe = json!([inputs.recipe, { "memory": memory }]);
            inputs.upstream.extend(carried.chosen_fingerprint.clone().map(|print| ("chosen before".into(), print)));
        }
        let read = |stage: &store::Stage| Ok(store::read_candidates(&stage.file("parquet"))?);
        stages.run(round, "chosen", &inputs, read, |work| {
            let mut pool = pool(
                round,
                memory,
                attempted.output.clone(),
                &checked.output,
                &carried.chosen,
                self.scene.world.as_ref(),
            );
            embed(&self.recipe.choose, &work.stage, policy.as_ref(), &mut pool)?;
            let chosen = choose(&self.recipe.choose, &work.stage, pool);
            work.draft.file("parquet", &store::candidates_to_parquet(&chosen)?)?;
            let tasks: HashSet<&str> = chosen.iter().map(|candidate| candidate.trace.task.as_str()).collect();
            let facts = facts([("lessons", json!(chosen.len())), ("taught_tasks", json!(tasks.len()))]);
            Ok((chosen, facts))
        })
    }

    fn learn(
        &self,
        stages: &mut Stages,
        round: u32,
        part: &learn::LearnPart,
        models: Teachable,
        chosen: &Done<Vec<Candidate>>,
    ) -> Outcome<Done<(Model, Update)>> {
        let Teachable { from, base, teacher, .. } = models;
        let mut inputs = self.inputs([part.describe()]);
        inputs.upstream.extend(teacher.map(|teacher| ("teacher".into(), teacher.digest.clone())));
        inputs.recipe = json!([inputs.recipe, { "replay": self.replayed() }]);
        inputs.model = Some(from.digest.clone());
        inputs.upstream.insert("chosen".into(), chosen.fingerprint.clone());
        self.name_what_goes_on(&mut inputs, part, models);
        if part.needs_base() {
            inputs.upstream.insert("reference".into(), base.digest.clone());
        }
        let read = |stage: &store::Stage| read_model(&stage.folder(), round, from);
        stages.run(round, "learned", &inputs, read, |work| {
            let mut lessons = lessons(self.scene.world.as_ref(), &from.tokens, &chosen.output)?;
            let replayed = self.replay(&work.stage.key, &from.tokens, &lessons)?;
            lessons.extend(replayed);
            teach(work, round, part, models, &lessons)
        })
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
        inputs.upstream.insert("measured".into(), measured.fingerprint.clone());
        inputs.model = Some(carried.kept.digest.clone());
        let read = |stage: &store::Stage| Ok(store::read_json(&stage.file("json"))?);
        stages.run(round, "gate", &inputs, read, |work| {
            let before = Standing { round: carried.kept.round, scores: &carried.kept_scores };
            let after = Standing { round, scores: &measured.output };
            let decision = decide(self.recipe.repeat.gate, &work.stage.key, before, after);
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

    pub(crate) fn spend(&mut self, seconds: f64, facts: &Facts) {
        self.seconds += seconds;
        let tokens = |name: &str| facts.get(name).and_then(Value::as_u64).unwrap_or(0);
        self.tokens += tokens("generated_tokens") + tokens("trained_tokens");
        self.facts.extend(facts.clone());
    }
}
