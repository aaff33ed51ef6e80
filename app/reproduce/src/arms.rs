//! Runs the arms, each with every seed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ::recipe::{Override, Read};
use events::{Bus, Event, Facts, Line, read_lines};
use faults::Outcome;
use nouns::{Digest, Score};
use serde_json::Value;
use store::{Place, RunFolder};

use crate::asked::{Listening, Telling};
use crate::data::located;
use crate::fault::ReproduceFault;
use crate::made_by::made_by;
use crate::plan::{Arm, Plan};
use crate::queue::{Queue, Turn};
use crate::ran::{Ran, Runs};
use crate::record::SeedRecord;
use repeat::Base;
use repeat::Entry;
use repeat::Recipe;
use repeat::{Budget, Options, read_recipe};
use repeat::{RoundView, View};
use repeat::{resume, start, start_warm, written_down};

/// What is run, and where.
pub(super) struct Arms<'a> {
    pub(super) plan: &'a Plan,
    pub(super) seeds: &'a [u64],
    pub(super) quick: bool,
    pub(super) root: &'a Path,
    pub(super) data: &'a Path,
    /// Arms at work at a time, each with its share of the threads.
    pub(super) jobs: usize,
}

impl Arms<'_> {
    /// Runs what is not there yet, the first arms of every seed first: others take their base
    /// models over. What several jobs do is not shown live.
    pub(super) fn run(&self, stop: &AtomicBool, told: &Telling, listening: &Listening) -> Outcome<Runs> {
        let arms: Vec<&str> = self.plan.arms.keys().map(String::as_str).collect();
        let queue = Queue::new(self.seeds, &arms);
        match self.jobs {
            0 | 1 => queue.work(|turn, made| self.arm(turn, made, stop, told, listening))?,
            _ => self.in_parallel(&queue, stop, told)?,
        }
        let mut runs = Runs::new();
        for (turn, ran) in queue.done() {
            runs.entry(turn.arm.to_owned()).or_default().push(ran);
        }
        Ok(runs)
    }

    fn in_parallel<'q>(&self, queue: &Queue<'q>, stop: &AtomicBool, told: &Telling) -> Outcome<()> {
        let threads = (rayon::current_num_threads() / self.jobs).max(1);
        let alone = |use_bus: &mut dyn FnMut(&mut Bus) -> Outcome<()>| use_bus(&mut Bus::silent());
        let job = || -> Outcome<()> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|error| ReproduceFault::NoThreads { why: error.to_string() })?;
            queue.work(|turn, made| pool.install(|| self.arm(turn, made, stop, told, &alone)))
        };
        let jobs: Vec<Outcome<()>> = std::thread::scope(|scope| {
            let jobs: Vec<_> = (0..self.jobs).map(|_| scope.spawn(job)).collect();
            jobs.into_iter().map(|job| job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        jobs.into_iter().collect()
    }

    /// One arm with one seed. A base model that an earlier arm of it made is taken over.
    fn arm(
        &self,
        turn: Turn,
        made: &[PathBuf],
        stop: &AtomicBool,
        told: &Telling,
        listening: &Listening,
    ) -> Outcome<(PathBuf, Ran)> {
        let Turn { seed, arm } = turn;
        told(&format!("{arm}, seed {seed}"));
        let (recipe, toml, mut options) = asked(self.plan, &self.plan.arms[arm], seed, self.quick)?;
        let made_by = made_by(&recipe, &options);
        options.model = options.model.map(|model| networks::named(&model));
        if let Some(file) = located(&options.on, self.data)? {
            options.on = file.to_string_lossy().into_owned();
        }
        let folder = self.root.join(folder_name(arm, &toml, &options));
        let alike = made.iter().filter(|made| same_base(made, &recipe, &options));
        let warm = alike.max_by_key(|made| shown_alike(made, &recipe));
        let mut tokens = 0;
        listening(&mut |bus| {
            let place = Place::Exactly(&folder);
            let ending = match (RunFolder::read_only(&folder).is_ok(), warm) {
                (true, _) => resume(&folder, bus, stop)?,
                (false, Some(warm)) => start_warm((&recipe, &toml), &options, place, warm, bus, stop)?,
                (false, None) => start(&recipe, &toml, &options, place, bus, stop)?,
            };
            tokens = ending.tokens;
            Ok(())
        })?;
        let ran = ran(&folder, (seed, made_by), tokens)?;
        Ok((folder, ran))
    }
}

/// The recipe of an arm with all its overrides, and what a person would ask for.
pub(crate) fn asked(plan: &Plan, arm: &Arm, seed: u64, quick: bool) -> Outcome<(Recipe, String, Options)> {
    let unknown = || ReproduceFault::NoRecipe { name: arm.recipe.clone() };
    let (_, source) = repeat::library().iter().find(|(name, _)| *name == arm.recipe).ok_or_else(unknown)?;
    let short = plan.quick.iter().filter(|_| quick);
    let settings = plan.set.iter().chain(&arm.set).chain(short).map(|text| Override::parse(text));
    let settings = settings.collect::<Result<Vec<Override>, _>>()?;
    let Read { value: recipe, text: toml, .. } =
        read_recipe(&format!("recipes/{}.toml", arm.recipe), source, &settings)?;
    let budget = arm
        .budget
        .as_deref()
        .map(|text| Budget::parse(text).ok_or_else(|| ReproduceFault::NoBudget { text: text.to_owned() }));
    let options = Options {
        recipe: arm.recipe.clone(),
        on: arm.on.clone().unwrap_or_else(|| plan.on.clone()),
        columns: Default::default(),
        weak_sandbox: false,
        model: plan.model.as_ref().map(PathBuf::from),
        adapter: None,
        encoder: None,
        max_tokens: plan.max_tokens,
        device: plan.device,
        seed,
        budget: budget.transpose()?.map(|budget| if quick { budget.tenth() } else { budget }).unwrap_or_default(),
        hold_out: Vec::new(),
    };
    Ok((recipe, toml, options))
}

/// Named by its content: an edited arm is another run, and an unedited one is resumed.
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
    let alike = |(name, entry): &(&String, &Entry)| {
        let other = theirs.models.get(*name);
        other.is_some_and(|other| (&other.labelled, &other.learn) == (&entry.labelled, &entry.learn))
    };
    recipe.models.iter().filter(alike).count()
}

fn ran(folder: &Path, (seed, made_by): (u64, String), tokens: u64) -> Outcome<Ran> {
    let view = View::open(folder)?;
    let decided = view.rounds.iter().any(|round| round.decision.is_some());
    let newest = view.rounds.iter().filter(|round| !round.scores.is_empty()).map(|round| round.round).max();
    let last = if decided { view.kept_round() } else { newest.unwrap_or(0) };
    let of_last = view.rounds.iter().find(|round| round.round == last);
    let fact = |name: &str| of_last.and_then(|round| round.facts.get(name)).and_then(Value::as_f64);
    let per_answer = || Some((fact("answer_tokens")? + fact("answer_value_calls")?) / fact("answered_tasks")?);
    let named = |score: &Score| Some((score.name(), score.value?));
    let seconds = seconds_of_work(folder)?;
    let scores = of_last.map_or(BTreeMap::new(), |round| round.scores.iter().filter_map(named).collect());
    let known = |round: RoundView| (round.round, [round.scores, counted(seed, &round.facts)].concat());
    let measured = RunFolder::read_only(folder)?.stage(0, "measured").manifest().ok();
    Ok(Ran {
        made_by,
        base: measured.and_then(|manifest| Some(manifest.inputs.model?.to_string())),
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

/// What a run did itself: the record of its events has no stage that was taken over from another
/// run.
fn seconds_of_work(folder: &Path) -> Outcome<f64> {
    let record = store::read_text(&RunFolder::read_only(folder)?.events_path())?;
    let seconds = |line: Line| match line.event {
        Event::StageFinished { seconds, .. } => Some(seconds),
        _ => None,
    };
    Ok(read_lines(&record).filter_map(seconds).sum())
}
