//! A run's model answers what a person types.
//!
//! This is no part of the loop: nothing is trained, measured or written. What it owes is that an
//! answer is the run's own. So every model is taken as the folder has it: the policy that the gate
//! kept last ([`model_in_force`]), which need not be the newest; judges and value models as they
//! were taught last; what grades, as it was in the beginning, as it grades in the run ([`tables`]).
//!
//! Right answers never choose. Of several samples the one that the model finds likeliest is given
//! ([`choose`]), and only then is it judged, so that a person sees how often the model is right
//! without a verifier; picking by the verdict would show how often it could be right. A recipe's
//! `attempt` (`try --search`) is handed the oracle only if its parts say that they need it.
//!
//! Draws are keyed by the run's seed, the puzzle's canonical form and the sample's number: a puzzle
//! has the same answer alone, in a file, and when it is asked again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use check::{CheckPart, Grants, Together};
use episodes::{By, Start, play};
use faults::Outcome;
use nouns::{
    AttemptContext, Check, Completion, Component, Cost, DropTrees, EpisodeTurn, Judgement, Key, Oracle, Policy,
    Progress, Request, Sampling, Silent, Stage, Task, Trace, Unsettled, Verdict, World,
};
use serde::Serialize;
use store::RunFolder;
use tokens::Tokens;

use crate::entry::{POLICY, Source, VALUE};
use crate::fault::RepeatFault;
use crate::first_model::base_folder;
use crate::grade::grader;
use crate::labelled::labelled_stage;
use crate::learning::stage_of;
use crate::recipe::Recipe;
use crate::run::{made_stage, written_down};
use crate::state::beside;
use crate::table::{Given, SLOTS, Table};
use crate::view::View;
use crate::vision::refuse_blind;
use checkpoint::{Model, open_merged, open_model, read_model};

/// The model of a run, ready to answer.
pub struct Answerer {
    world: Arc<dyn World>,
    oracle: Arc<dyn Oracle>,
    policy: Arc<dyn Policy>,
    /// The model's tokenizer, if it is a language model.
    tokens: Option<Tokens>,
    /// Every model of the run, as it left them.
    table: Table,
    /// What grades the run.
    grader: Box<dyn Check>,
    /// The recipe's own checkers, where they are several that can say something of one answer.
    checker: Option<Box<dyn Check>>,
    seed: u64,
}

/// An answer, judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The problem in canonical form.
    pub task: String,
    /// What it shows beside text, in words: pictures with their size and path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<String>,
    /// What the model wrote.
    pub attempt: String,
    /// The same as an infix expression that any calculator can check.
    pub expression: Option<String>,
    /// Whether it is right; none if it could not be judged.
    pub correct: Option<bool>,
    /// The verdict in words.
    pub verdict: String,
    /// What each of several checkers said: those that grade the run, else the recipe's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// Answers drawn.
    pub samples: u32,
    /// How many of them give this answer.
    pub agreeing: u32,
    /// How likely the model finds it: the sum of its tokens' log-probabilities.
    pub log_likelihood: f64,
    /// Tokens generated, retracted tries and other samples included.
    pub generated_tokens: u64,
    /// Calls of a judge or value model.
    pub value_calls: u64,
    /// Actions and observations, turn by turn, where the world has an environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<AnswerTurn>,
}

/// A turn of an episode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerTurn {
    /// What the model said.
    pub action: String,
    /// What it saw then.
    pub observation: String,
    /// What the environment gave for it, if it gave anything.
    pub reward: Option<f64>,
}

impl AnswerTurn {
    /// The turns of a trace that was made in an environment; none of others.
    pub fn of(trace: &Trace) -> Vec<AnswerTurn> {
        let turn = |turn: &EpisodeTurn| AnswerTurn {
            action: turn.action.to_string(),
            observation: turn.observation.iter().map(|seen| seen.content.to_string()).collect::<Vec<_>>().join("\n"),
            reward: turn.reward,
        };
        trace.episode.iter().flat_map(|episode| &episode.turns).map(turn).collect()
    }
}

impl Answerer {
    /// Loads the kept model of a run.
    pub fn open(path: &Path) -> Outcome<Answerer> {
        let run = RunFolder::read_only(path)?;
        let (recipe, options) = written_down(&run)?;
        let world = options.world(&recipe)?;
        let model = model_in_force(&run, &recipe, &options)?;
        let (oracle, policy) = (world.oracle(), model.policy(SLOTS));
        let tokens = model.language().ok().map(|language| language.tokens.clone());
        let (first, now) = tables(&run, &recipe, &options)?;
        let grader = grader(&recipe, &world, &first)?;
        let several = recipe.check.iter().flat_map(CheckPart::with_components).count() > 1;
        let checker = several && !recipe.check.iter().any(|part| part.votes());
        let grants = Grants {
            world: world.clone(),
            oracle: Some(oracle.clone()),
            policy: Some(policy.clone()),
            critics: now.critics(),
            models: now.answering(recipe.check.iter().flat_map(|part| part.models()).filter(|name| *name != POLICY)),
        };
        let checker = checker.then(|| Together::of(&recipe.check, &grants)).transpose()?;
        let checker = checker.map(|checker| Box::new(checker) as Box<dyn Check>);
        Ok(Answerer { world, oracle, policy, tokens, table: now, grader, checker, seed: options.seed })
    }

    /// Answers puzzles as a person types them. One sample is greedy; of several the answer that the
    /// model's own vote prefers is given: see [`choose`].
    pub fn answer(&self, puzzles: &[String], samples: u32, temperature: f32) -> Outcome<Vec<Answer>> {
        let tasks = puzzles.iter().map(|puzzle| self.read(puzzle)).collect::<Outcome<Vec<Task>>>()?;
        let samples = samples.max(1);
        let sampling = Sampling {
            temperature: if samples == 1 { 0.0 } else { temperature },
            max_tokens: self.world.longest_answer(),
            ..Sampling::default()
        };
        let key = Key::root(self.seed).of("try");
        if let Some(played) = self.play(&tasks, samples, &sampling, &key)? {
            let of_task = |(task, traces): (&Task, &[Trace])| self.best_played(task, traces);
            return tasks.iter().zip(played.chunks(samples as usize)).map(of_task).collect();
        }
        let mut requests = Vec::new();
        for task in &tasks {
            let (context, key) = (self.policy.encode(&task.prompt)?, key.of(&task.id));
            let request = |sample: u32| Request {
                context: context.clone(),
                sampling: sampling.clone(),
                key: key.at(u64::from(sample)),
            };
            requests.extend((0..samples).map(request));
        }
        let drawn = self.policy.sample(&requests, &Silent)?;
        let groups = tasks.iter().zip(drawn.chunks(samples as usize));
        groups.map(|(task, drawn)| self.best(task, &sampling, drawn)).collect()
    }

    /// Episodes, if the world has an environment: `samples` of each task.
    fn play(&self, tasks: &[Task], samples: u32, sampling: &Sampling, key: &Key) -> Outcome<Option<Vec<Trace>>> {
        let starts = tasks.iter().flat_map(|task| (0..samples).map(move |sample| (task, sample)));
        let named = |(task, sample): (_, u32)| named(task, sample, key);
        let by = By { world: self.world.as_ref(), oracle: Some(self.oracle.as_ref()), sampling };
        let stage = Stage { round: 0, key: key.clone(), progress: &Silent };
        play(&stage, self.policy.as_ref(), by, starts.map(named).collect())
    }

    /// The episode that the model finds likeliest; the others vote.
    fn best_played(&self, task: &Task, traces: &[Trace]) -> Outcome<Answer> {
        let texts: Vec<String> = traces.iter().map(|trace| trace.text().into_owned()).collect();
        let likelihoods: Vec<f64> = traces.iter().map(Trace::log_likelihood).collect();
        let (best, agreeing) = choose(self.world.as_ref(), task, &texts, &likelihoods);
        Ok(Answer {
            samples: traces.len() as u32,
            agreeing,
            generated_tokens: traces.iter().map(|trace| trace.cost.generated_tokens).sum(),
            ..self.judged(task, &traces[best])?
        })
    }

    /// Answers puzzles in the way of a recipe's `attempt`: a search, a vote. The recipe is handed
    /// the right answers only if its attempts say that they need them.
    pub fn answer_by(&self, recipe: &Recipe, puzzles: &[String], progress: &dyn Progress) -> Outcome<Vec<Answer>> {
        let tasks = puzzles.iter().map(|puzzle| self.read(puzzle)).collect::<Outcome<Vec<Task>>>()?;
        let oracle = |needed: bool| needed.then(|| self.oracle.clone());
        let critics = self.table.critics();
        let grants = Grants {
            policy: Some(self.policy.clone()),
            critics: critics.clone(),
            models: self.table.answering(recipe.check.iter().flat_map(|part| part.models())),
            ..Grants::new(self.world.clone(), oracle(recipe.needs_oracle()))
        };
        let hints = oracle(recipe.attempts_need_oracle());
        let cx = AttemptContext {
            policy: self.policy.as_ref(),
            models: &self.table.answering(beside(&recipe.attempt)),
            checker: &Together::of(&recipe.check, &grants)?,
            world: self.world.as_ref(),
            oracle: hints.as_deref(),
            value: critics.get(VALUE).map(|model| model.as_ref()),
            trees: &DropTrees,
            held_out: &|_| false,
        };
        let stage = Stage { round: 0, key: Key::root(self.seed).of("try"), progress };
        // The same puzzle asked twice is answered once: its keys are the same.
        let mut seen = HashSet::new();
        let asked: Vec<Task> = tasks.iter().filter(|task| seen.insert(task.id.as_str())).cloned().collect();
        let mut parts = recipe.attempt.iter();
        let traces = parts.try_fold(Vec::new(), |made, part| part.attempt(&stage, &cx, &asked, made))?;
        let mut groups: HashMap<&str, Vec<&Trace>> = HashMap::new();
        traces.iter().for_each(|trace| groups.entry(&trace.task).or_default().push(trace));
        let answer = |task: &Task| Some(self.found(task, groups.get(task.id.as_str())?));
        tasks.iter().filter_map(answer).collect()
    }

    /// The first of a task's traces that is whole is its answer; what all of them cost is what it
    /// took.
    fn found(&self, task: &Task, traces: &[&Trace]) -> Outcome<Answer> {
        let cut = |trace: &Trace| traces.iter().any(|whole| trace.is_cut_from(whole));
        let trace = traces.iter().copied().find(|trace| !cut(trace)).unwrap_or(traces[0]);
        let cost: Cost = traces.iter().map(|trace| trace.cost).sum();
        let answer = self.judged(task, trace)?;
        Ok(Answer { generated_tokens: cost.generated_tokens, value_calls: cost.value_calls, ..answer })
    }

    /// An answer of one sample.
    fn judged(&self, task: &Task, trace: &Trace) -> Outcome<Answer> {
        let stage = Stage { round: 0, key: Key::root(self.seed).of("try").of("judged"), progress: &Silent };
        let judge = |checker: &dyn Check| {
            let judged = checker.judge(&stage, std::slice::from_ref(task), std::slice::from_ref(trace))?;
            let unsettled = || Judgement::from(Verdict::Unsettled(Unsettled::NoReference));
            Ok::<_, faults::Failure>(judged.into_iter().next().unwrap_or_else(unsettled))
        };
        let Judgement { verdict, components } = judge(self.grader.as_ref())?;
        let components = match (&self.checker, components.is_empty()) {
            (Some(checker), true) => judge(checker.as_ref())?.components,
            _ => components,
        };
        Ok(Answer {
            task: task.id.clone(),
            shows: task.images().map(|image| image.to_string()).collect(),
            attempt: trace.text().into_owned(),
            expression: self.world.expression(task, &trace.text()),
            correct: verdict.is_right(),
            verdict: match &verdict {
                Verdict::Right => "right".into(),
                other => other.to_string(),
            },
            components,
            samples: 1,
            agreeing: 1,
            log_likelihood: trace.log_likelihood(),
            generated_tokens: trace.cost.generated_tokens,
            value_calls: trace.cost.value_calls,
            turns: AnswerTurn::of(trace),
        })
    }

    /// A typed puzzle, refused if the model does not know its words.
    fn read(&self, puzzle: &str) -> Outcome<Task> {
        let task = self.world.read(puzzle)?;
        if let Some(tokens) = &self.tokens {
            refuse_blind("this run's model", tokens, self.world.name(), [&task])?;
            tokens.check_known(&task.prompt_text())?;
        }
        Ok(task)
    }

    fn best(&self, task: &Task, sampling: &Sampling, drawn: &[Completion]) -> Outcome<Answer> {
        let texts: Vec<String> = drawn.iter().map(|done| self.policy.decode_text(&done.tokens)).collect();
        let likelihoods: Vec<f64> = drawn.iter().map(likelihood).collect();
        let (best, agreeing) = choose(self.world.as_ref(), task, &texts, &likelihoods);
        let done = &drawn[best];
        let trace = Trace {
            id: format!("try/{}/{best}", task.id),
            task: task.id.clone(),
            round: 0,
            sample: best as u32,
            model_name: "policy".into(),
            turn: 0,
            parent: None,
            generated_under: task.prompt.clone(),
            trained_under: task.prompt.clone(),
            answer: self.policy.decode(&done.tokens),
            tokens: done.tokens.clone(),
            log_probs: done.log_probs.clone(),
            sampling: sampling.clone(),
            model: self.policy.digest(),
            finish: done.finish,
            cost: done.cost,
            episode: None,
        };
        Ok(Answer {
            samples: drawn.len() as u32,
            agreeing,
            generated_tokens: drawn.iter().map(|done| done.cost.generated_tokens).sum(),
            ..self.judged(task, &trace)?
        })
    }
}

fn named<'a>(task: &'a Task, sample: u32, key: &Key) -> Start<'a> {
    Start { task, sample, id: sample.to_string(), key: key.of(&task.id) }
}

fn likelihood(done: &Completion) -> f64 {
    done.log_probs.iter().map(|&p| f64::from(p)).sum()
}

/// The sample to give, and how many give the same text: the one the model finds likeliest. Uses no
/// verifier.
fn choose(world: &dyn World, task: &Task, texts: &[String], likelihoods: &[f64]) -> (usize, u32) {
    let best = (0..texts.len()).max_by(|&a, &b| likelihoods[a].total_cmp(&likelihoods[b])).unwrap_or(0);
    let mut votes: BTreeMap<Option<String>, u32> = BTreeMap::new();
    for text in texts {
        *votes.entry(world.answer(task, text)).or_default() += 1;
    }
    let agreeing = votes.get(&world.answer(task, &texts[best])).copied().unwrap_or(1);
    (best, agreeing)
}

/// The run's models as they were before the first round, and each as it was taught last.
fn tables(run: &RunFolder, recipe: &Recipe, options: &crate::options::Options) -> Outcome<(Table, Table)> {
    let mut given = Given::open(recipe, options)?;
    for (name, entry) in &recipe.models {
        let made = run.stage(0, &made_stage(name));
        if entry.is == Source::Fresh && made.manifest().is_ok() {
            given.made.insert(name.clone(), open_model(&made.folder(), options.device)?);
        }
    }
    let first = Table::begin(recipe, &base_model(run, recipe, options)?, &given, options.seed)?;
    let (mut now, rounds) = (first.clone(), run.rounds()?);
    for (name, entry) in &recipe.models {
        let Some(row) = now.row_mut(name).filter(|_| name != POLICY) else { continue };
        let learned = |round: &u32| run.stage(*round, &stage_of("learned", name));
        let labelled = (0..entry.labelled.len()).rev().map(|place| run.stage(0, &labelled_stage(name, place)));
        let taught = rounds.iter().rev().map(learned).chain(labelled).find(|stage| stage.manifest().is_ok());
        if let Some(stage) = taught {
            row.now = read_model(&stage.folder(), stage.round(), &row.now)?.0;
        }
    }
    Ok((first, now))
}

/// The model that the run began with.
fn base_model(run: &RunFolder, recipe: &Recipe, options: &crate::options::Options) -> Outcome<Model> {
    let learned = run.stage(0, "learned");
    match (learned.manifest().is_ok(), base_folder(recipe, options)) {
        (true, _) => open_model(&learned.folder(), options.device),
        (false, Some(folder)) => open_merged(folder, options.adapter.as_deref(), options.device),
        (false, None) => Err(RepeatFault::NoModelYet { run: run.path().to_owned() }.into()),
    }
}

/// The newest whole model that the gate kept.
fn model_in_force(run: &RunFolder, recipe: &Recipe, options: &crate::options::Options) -> Outcome<Model> {
    let view = View::open(run.path())?;
    let kept = |round: u32| {
        round == 0 || view.rounds.iter().any(|r| r.round == round && r.decision.as_ref().is_some_and(|d| d.promoted))
    };
    let newest = view.rounds.iter().map(|round| round.round).max().unwrap_or(0);
    let found = run.last_good_model(newest, kept);
    match (found.model, base_folder(recipe, options)) {
        (Some(checkpoint), _) => open_model(&checkpoint.folder, options.device),
        (None, Some(folder)) => open_merged(folder, options.adapter.as_deref(), options.device),
        (None, None) => Err(RepeatFault::NoModelYet { run: run.path().to_owned() }.into()),
    }
}
