//! Runs the arms, each with every seed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ::recipe::Override;
use faults::Outcome;
use models::DeviceKind;
use nouns::{Digest, Score};
use serde_json::Value;
use store::{Place, RunFolder};

use super::Listening;
use super::plan::{Arm, Plan};
use super::record::SeedRecord;
use crate::fault::RepeatFault;
use crate::options::{Budget, Options};
use crate::recipe::Recipe;
use crate::run::{resume, start, start_warm, written_down};
use crate::view::View;

/// An arm's run with one seed.
pub(super) struct Ran {
    pub(super) seed: SeedRecord,
    /// Scores by round, the base model's first.
    pub(super) scores: BTreeMap<u32, Vec<Score>>,
    /// The round whose figures count.
    pub(super) last: u32,
}

/// The runs of every arm, in the order of the seeds.
pub(super) type Runs = BTreeMap<String, Vec<Ran>>;

pub(super) fn run(
    plan: &Plan,
    seeds: &[u64],
    quick: bool,
    root: &Path,
    stop: &AtomicBool,
    told: &dyn Fn(&str),
    listening: &Listening,
) -> Outcome<Runs> {
    let mut runs = Runs::new();
    let mut made: Vec<PathBuf> = Vec::new();
    for &seed in seeds {
        for (name, arm) in &plan.arms {
            told(&format!("{name}, seed {seed}"));
            let (recipe, toml, options) = asked(plan, arm, seed, quick)?;
            let folder = root.join(folder_name(name, &toml, &options));
            let warm = made.iter().find(|made| same_base(made, &recipe, &options));
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
            runs.entry(name.clone()).or_default().push(ran(&folder, seed, spent)?);
            made.push(folder);
        }
    }
    Ok(runs)
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
        on: plan.on.clone(),
        columns: Default::default(),
        weak_sandbox: false,
        model: None,
        device: DeviceKind::Cpu,
        seed,
        budget: budget.transpose()?.unwrap_or_default(),
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
    let same = (&theirs.base, &asked.on, asked.seed) == (&recipe.base, &options.on, options.seed);
    same && asked.model.is_none() && options.model.is_none() && asked.hold_out == options.hold_out
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
    Ok(Ran {
        seed: SeedRecord { seed, seconds, tokens, tokens_per_answer: per_answer(), scores },
        scores: view.rounds.into_iter().map(|round| (round.round, round.scores)).collect(),
        last,
    })
}

/// What making the base model took: not this run's work, where it was taken over.
fn seconds_of_base(folder: &Path) -> f64 {
    let manifest = RunFolder::read_only(folder).ok().and_then(|run| run.stage(0, "learned").manifest().ok());
    manifest.and_then(|manifest| manifest.timing["seconds"].as_f64()).unwrap_or(0.0)
}
