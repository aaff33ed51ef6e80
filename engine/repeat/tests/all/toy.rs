//! Runs small enough for a test: a model of a few thousand parameters, a few tasks, two rounds.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use events::Bus;
use faults::Outcome;
use recipe::Override;
use repeat::{Budget, DeviceKind, Ending, Options, Recipe};
use store::{Disk, Place};

/// What makes a recipe small.
const SMALL: [&str; 10] = [
    "base.width=16",
    "base.layers=1",
    "base.heads=2",
    "base.key_value_heads=1",
    "base.feed_forward=32",
    "base.examples=300",
    "base.learn.batch.tokens=1024",
    "repeat.rounds=2",
    "on=arithmetic",
    "repeat.unsettled_limit=1.0",
];

/// What makes its attempts few and short: by what stands in the recipe.
const FEW: [(&str, &[&str]); 16] = [
    ("classifier = {", &["on=clusters"]),
    (
        "\"retry\"]\ncheck",
        &[
            "on=chain",
            "attempt.sample.per_task=4",
            "attempt.sample.max_tokens=12",
            "attempt.retry.max_tokens=12",
            "phase.0.rounds=1",
        ],
    ),
    (
        "gives = \"way\"",
        &[
            "on=chain",
            "attempt.sample.per_task=4",
            "attempt.sample.max_tokens=12",
            "attempt.hint.per_task=2",
            "attempt.hint.max_tokens=12",
        ],
    ),
    (
        "episode = {",
        &[
            "on=calculator",
            "attempt.episode.per_task=4",
            "attempt.episode.turns=2",
            "attempt.episode.max_tokens=24",
            "choose.advantages.keep_even=true",
        ],
    ),
    ("growing = {", &["on=chain", "attempt.sample.per_task=4", "attempt.sample.max_tokens=12", "ask.growing.least=4"]),
    // So small a model never agrees with itself.
    ("replaying = {", &["ask.replaying.consensus=0.0"]),
    (
        "tuned = {",
        &[
            "attempt.tuned.per_task=4",
            "attempt.tuned.max_tokens=12",
            "attempt.tuned.tasks=2",
            "attempt.tuned.lowest=0.8",
            "attempt.tuned.highest=1.0",
        ],
    ),
    (
        "\"guidelines\"",
        &[
            "attempt.guidelines.selected=1",
            "attempt.guidelines.alone=2",
            "attempt.guidelines.plan_tokens=8",
            "attempt.guidelines.max_tokens=12",
        ],
    ),
    (
        "critique = {",
        &[
            "attempt.sample.per_task=2",
            "attempt.sample.max_tokens=12",
            "attempt.critique.critique_tokens=8",
            "attempt.critique.max_tokens=12",
        ],
    ),
    ("monte_carlo = {", &["attempt.monte_carlo.iterations=3", "attempt.monte_carlo.max_tokens=12"]),
    ("sample = { per_task = 1,", &["attempt.sample.per_task=1", "attempt.sample.max_tokens=12"]),
    ("sample = {", &["attempt.sample.per_task=4", "attempt.sample.max_tokens=12"]),
    ("ranked = {", &["attempt.ranked.n=4", "attempt.ranked.max_tokens=12"]),
    ("[\"tree\"]", &["attempt.tree.branch=2", "attempt.tree.keep=2", "attempt.tree.max_tokens=12"]),
    ("[\"refine\"]", &["attempt.refine.max_tokens=12"]),
    ("[\"iterative_deepening\"]", &["attempt.iterative_deepening.n=3"]),
];

/// One other way of answering instead of a recipe's own ones.
const WAY: &str = "ways={ toy = [{ ranked = { n = 2, max_tokens = 12, value = \"model\", over = \"min\" } }] }";

/// What a value model begins with.
const BEGIN: &str = "models.value.begin=[{ sample = { per_task = 2, max_tokens = 12 } }, \"prefixes\"]";

/// Labelled answers that it begins with, where there are some.
const LABELLED: [&str; 2] =
    ["on=chain", "models.value.labelled=[{ to = \"language\", count = 12, labels = \"promise\" }, { count = 12 }]"];

/// An embedded recipe, made small, with more overrides.
pub(crate) fn small(name: &str, more: &[&str]) -> (Recipe, String) {
    let source = repeat::library().iter().find(|(known, _)| *known == name).expect("an embedded recipe").1;
    let few = FEW.iter().find(|(mark, _)| source.contains(mark)).map_or(&[][..], |(_, few)| few);
    let ways: &[&str] = if source.contains("[ways]") && source.contains("[models.value]") { &[WAY] } else { &[] };
    let begin: &[&str] = if source.contains("begin  = ") && source.contains("[models.value]") { &[BEGIN] } else { &[] };
    let labelled: &[&str] = if source.contains("labelled = [") { &LABELLED } else { &[] };
    let asked = [("growing = {", "ask.growing.limit=8"), ("replaying = {", "ask.replaying.limit=8")];
    let asked = asked.iter().find(|(mark, _)| source.contains(mark)).map_or("ask.tasks.limit=8", |(_, limit)| limit);
    let overrides = SMALL
        .iter()
        .chain([&asked])
        .chain(few)
        .chain(ways)
        .chain(begin)
        .chain(labelled)
        .chain(more)
        .map(|text| Override::parse(text).expect("an override"));
    let read = repeat::read_recipe(name, source, &overrides.collect::<Vec<_>>()).expect("a recipe");
    (read.value, read.text)
}

/// What a person would ask for.
pub(crate) fn options(name: &str, recipe: &Recipe) -> Options {
    Options {
        recipe: name.to_owned(),
        on: recipe.on.clone(),
        columns: sources::Columns::default(),
        weak_sandbox: false,
        model: None,
        adapter: None,
        encoder: None,
        max_tokens: None,
        device: DeviceKind::Cpu,
        seed: 7,
        budget: Budget::default(),
        hold_out: Vec::new(),
    }
}

/// Runs a small recipe to its end.
pub(crate) fn run(name: &str, more: &[&str], out: &Path) -> Outcome<Ending> {
    run_on(Disk::real(), name, more, out)
}

/// The same on a disk that may be made to fail.
pub(crate) fn run_on(disk: Disk, name: &str, more: &[&str], out: &Path) -> Outcome<Ending> {
    let (recipe, toml) = small(name, more);
    let (options, stop) = (options(name, &recipe), AtomicBool::new(false));
    repeat::start_on(disk, &recipe, &toml, &options, Place::Exactly(out), &mut Bus::silent(), &stop)
}

/// Goes on with a run.
pub(crate) fn resume(out: &Path) -> Outcome<Ending> {
    repeat::resume(out, &mut Bus::silent(), &AtomicBool::new(false))
}

/// Files that differ between two runs, what the clock decides aside: times in JSON, and
/// TensorBoard's file, which is the record over again with its times in binary.
pub(crate) fn differing(one: &Path, other: &Path) -> Vec<String> {
    let files = store::differing_files(one, other, events::without_clock).expect("two folders");
    files.into_iter().filter(|file| !file.contains("tfevents")).collect()
}
