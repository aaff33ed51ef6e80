//! Runs the arms, each with every seed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ::recipe::Override;
use events::{Bus, Facts};
use faults::Outcome;
use nouns::{Digest, Score};
use serde_json::Value;
use store::{Place, RunFolder};

use super::plan::{Arm, Plan};
use super::record::SeedRecord;
use super::{Listening, Telling};
use crate::base::Base;
use crate::fault::RepeatFault;
use crate::options::{Budget, Options};
use crate::recipe::Recipe;
use crate::role::Role;
use crate::run::{resume, start, start_warm, written_down};
use crate::view::{RoundView, View};

/// An arm's run with one seed.
#[derive(Clone)]
pub(super) struct Ran {
    pub(super) seed: SeedRecord,
    /// Scores by round, the base model's first.
    pub(super) scores: BTreeMap<u32, Vec<Score>>,
    /// The round whose figures count.
    pub(super) last: u32,
}

/// The runs of every arm, in the order of the seeds.
pub(super) type Runs = BTreeMap<String, Vec<Ran>>;

/// What is run, and where.
pub(super) struct Arms<'a> {
    pub(super) plan: &'a Plan,
    pub(super) seeds: &'a [u64],
    pub(super) quick: bool,
    pub(super) root: &'a Path,
    /// Seeds at work at a time, each with its share of the threads.
    pub(super) jobs: usize,
}

/// The arms of one seed, in order.
type Seed = Vec<(String, Ran)>;

impl Arms<'_> {
    /// Runs what is not there yet. What several jobs do is not shown live.
    pub(super) fn run(&self, stop: &AtomicBool, told: &Telling, listening: &Listening) -> Outcome<Runs> {
        let seeds = match self.jobs {
            0 | 1 => self.seeds.iter().map(|&seed| self.seed(seed, stop, told, listening)).collect::<Outcome<_>>()?,
            _ => self.in_parallel(stop, told)?,
        };
        let mut runs = Runs::new();
        for (name, ran) in seeds.into_iter().flatten() {
            runs.entry(name).or_default().push(ran);
        }
        Ok(runs)
    }

    /// Every job takes the next seed that nobody has; where one fails, no other begins another.
    fn in_parallel(&self, stop: &AtomicBool, told: &Telling) -> Outcome<Vec<Seed>> {
        let threads = (rayon::current_num_threads() / self.jobs).max(1);
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let alone = |use_bus: &mut dyn FnMut(&mut Bus) -> Outcome<()>| use_bus(&mut Bus::silent());
        let job = || -> Outcome<Vec<(usize, Seed)>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|error| RepeatFault::NoThreads { why: error.to_string() })?;
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let open = self.seeds.get(place).filter(|_| !failed.load(Ordering::Relaxed));
                let Some(&seed) = open else { return Ok(done) };
                let ran = pool.install(|| self.seed(seed, stop, told, &alone));
                failed.fetch_or(ran.is_err(), Ordering::Relaxed);
                done.push((place, ran?));
            }
        };
        let jobs: Vec<Outcome<Vec<(usize, Seed)>>> = std::thread::scope(|scope| {
            let jobs: Vec<_> = (0..self.jobs.min(self.seeds.len())).map(|_| scope.spawn(job)).collect();
            jobs.into_iter().map(|job| job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let mut seeds = jobs.into_iter().collect::<Outcome<Vec<_>>>()?.concat();
        seeds.sort_by_key(|(place, _)| *place);
        Ok(seeds.into_iter().map(|(_, ran)| ran).collect())
    }

    /// Every arm with one seed. A base model that an earlier arm made is taken over.
    fn seed(&self, seed: u64, stop: &AtomicBool, told: &Telling, listening: &Listening) -> Outcome<Seed> {
        let mut made: Vec<PathBuf> = Vec::new();
        let mut arms = Seed::new();
        for (name, arm) in &self.plan.arms {
            told(&format!("{name}, seed {seed}"));
            let (recipe, toml, options) = asked(self.plan, arm, seed, self.quick)?;
            let folder = self.root.join(folder_name(name, &toml, &options));
            let alike = made.iter().filter(|made| same_base(made, &recipe, &options));
            let warm = alike.max_by_key(|made| shown_alike(made, &recipe));
            let mut spent = (0.0, 0);
            listening(&mut |bus| {
                let place = Place::Exactly(&folder);
                let ending = match (RunFolder::read_only(&folder).is_ok(), warm) {
                    (true, _) => resume(&folder, bus, stop)?,
                    (false, Some(warm)) => start_warm((&recipe, &toml), &options, place, warm, bus, stop)?,
                    (false, None) => start(&recipe, &toml, &options, place, bus, stop)?,
                };
                spent = (ending.seconds, ending.tokens);
                Ok(())
            })?;
            arms.push((name.clone(), ran(&folder, seed, spent)?));
            made.push(folder);
        }
        Ok(arms)
    }
}

/// The recipe of an arm with all its overrides, and what a person would ask for.
fn asked(plan: &Plan, arm: &Arm, seed: u64, quick: bool) -> Outcome<(Recipe, String, Options)> {
    let unknown = || RepeatFault::NoRecipe { name: arm.recipe.clone() };
    let (_, source) = crate::library().iter().find(|(name, _)| *name == arm.recipe).ok_or_else(unknown)?;
    let short = plan.quick.iter().filter(|_| quick);
    let settings = plan.set.iter().chain(&arm.set).chain(short).map(|text| Override::parse(text));
    let settings = settings.collect::<Result<Vec<Override>, _>>()?;
    let (recipe, toml) = ::recipe::read::<Recipe>(&format!("recipes/{}.toml", arm.recipe), source, &settings)?;
    let budget = arm
        .budget
        .as_deref()
        .map(|text| Budget::parse(text).ok_or_else(|| RepeatFault::NoBudget { text: text.to_owned() }));
    let options = Options {
        recipe: arm.recipe.clone(),
        on: arm.on.clone().unwrap_or_else(|| plan.on.clone()),
        columns: Default::default(),
        weak_sandbox: false,
        model: None,
        device: plan.device,
        seed,
        budget: budget.transpose()?.map(|budget| if quick { budget.tenth() } else { budget }).unwrap_or_default(),
        hold_out: Vec::new(),
    };
    Ok((recipe, toml, options))
}

/// Named by its content: an edited arm is another run, and an unedited one is gone on with.
fn folder_name(arm: &str, toml: &str, options: &Options) -> String {
    let asked = serde_json::to_vec(options).unwrap_or_default();
    let digest = Digest::of_fields([toml.as_bytes(), &asked]);
    format!("{arm}-seed-{}-{}", options.seed, digest.short())
}

/// Whether a run began with the base model that this one would make.
fn same_base(run: &Path, recipe: &Recipe, options: &Options) -> bool {
    let Ok(Ok((theirs, asked))) = RunFolder::read_only(run).map(|run| written_down(&run)) else { return false };
    // What is replayed among later lessons makes no other base.
    let base = Base { replay: theirs.base.replay, ..recipe.base.clone() };
    let same = (&theirs.base, &asked.on, asked.seed) == (&base, &options.on, options.seed);
    same && asked.model.is_none() && options.model.is_none() && asked.hold_out == options.hold_out
}

/// How many of the models beside the policy were shown the same labelled steps there.
fn shown_alike(run: &Path, recipe: &Recipe) -> usize {
    let Ok(Ok((theirs, _))) = RunFolder::read_only(run).map(|run| written_down(&run)) else { return 0 };
    let alike = |(name, role): &(&String, &Role)| {
        let other = theirs.roles.get(*name);
        other.is_some_and(|other| (&other.labelled, &other.learn) == (&role.labelled, &role.learn))
    };
    recipe.roles.iter().filter(alike).count()
}

fn ran(folder: &Path, seed: u64, (seconds, tokens): (f64, u64)) -> Outcome<Ran> {
    let view = View::open(folder)?;
    let decided = view.rounds.iter().any(|round| round.decision.is_some());
    let newest = view.rounds.iter().filter(|round| !round.scores.is_empty()).map(|round| round.round).max();
    let last = if decided { view.kept_round() } else { newest.unwrap_or(0) };
    let of_last = view.rounds.iter().find(|round| round.round == last);
    let fact = |name: &str| of_last.and_then(|round| round.facts.get(name)).and_then(Value::as_f64);
    let per_answer = || Some((fact("answer_tokens")? + fact("answer_value_calls")?) / fact("answered_tasks")?);
    let named = |score: &Score| Some((score.name(), score.value?));
    let seconds = seconds - if view.environment.warm { seconds_of_base(folder) } else { 0.0 };
    let scores = of_last.map_or(BTreeMap::new(), |round| round.scores.iter().filter_map(named).collect());
    let known = |round: RoundView| (round.round, [round.scores, counted(seed, &round.facts)].concat());
    Ok(Ran {
        seed: SeedRecord { seed, seconds, tokens, tokens_per_answer: per_answer(), scores },
        scores: view.rounds.into_iter().map(known).collect(),
        last,
    })
}

/// What a round's stages counted, as figures whose one item is the seed.
fn counted(seed: u64, facts: &Facts) -> Vec<Score> {
    let item = |value: f64| vec![(format!("seed {seed}"), Some(value))];
    facts.iter().filter_map(|(name, fact)| Some(Score::new(name, "the round", item(fact.as_f64()?)))).collect()
}

/// What making the base model took: not this run's work, where it was taken over. What labelled answers taught is counted in every arm
/// that uses it, although the first alone did it.
fn seconds_of_base(folder: &Path) -> f64 {
    let manifest = RunFolder::read_only(folder).ok().and_then(|run| run.stage(0, "learned").manifest().ok());
    manifest.and_then(|manifest| manifest.timing["seconds"].as_f64()).unwrap_or(0.0)
}
