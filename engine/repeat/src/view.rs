//! A run as it stands in its folder, for reports and comparisons.

use std::path::{Path, PathBuf};

use events::Facts;
use faults::Outcome;
use nouns::{Score, Update};
use serde_json::Value;
use store::{RunFolder, Stage};

use crate::gate::Decision;
use crate::options::Options;
use crate::run::{Environment, written_down};
use checkpoint::UPDATE;

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Its folder.
    pub path: PathBuf,
    /// The recipe with every override.
    pub recipe_toml: String,
    /// What was asked for.
    pub options: Options,
    /// The program and machine.
    pub environment: Environment,
    /// Its rounds so far, the base model's first.
    pub rounds: Vec<RoundView>,
}

/// A round, as far as it got.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundView {
    /// The round; 0 is the base model.
    pub round: u32,
    /// What was measured, item by item.
    pub scores: Vec<Score>,
    /// What the stages counted.
    pub facts: Facts,
    /// What the learner did.
    pub update: Option<Update>,
    /// What the gate decided.
    pub decision: Option<Decision>,
    /// Seconds of work.
    pub seconds: f64,
    /// Whether the attempts and verdicts are there to be read.
    pub has_attempts: bool,
}

/// Stages of a round, in order.
const STAGES: [&str; 7] = ["asked", "attempted", "checked", "chosen", "learned", "measured", "gate"];

impl View {
    /// Reads a run; takes no lock.
    pub fn open(path: &Path) -> Outcome<View> {
        let run = RunFolder::read_only(path)?;
        let (_, options) = written_down(&run)?;
        let rounds = run.rounds()?.into_iter().map(|round| RoundView::read(&run, round)).collect();
        Ok(View {
            path: path.to_owned(),
            recipe_toml: run.recipe_toml()?,
            environment: run.environment()?,
            options,
            rounds,
        })
    }

    /// The round whose model is kept.
    pub fn kept_round(&self) -> u32 {
        self.rounds.iter().filter_map(|round| round.decision.as_ref()).next_back().map_or(0, |decision| decision.kept)
    }
}

impl RoundView {
    /// What is committed; what is damaged is as if it were not there.
    fn read(run: &RunFolder, round: u32) -> RoundView {
        let stage = |name: &str| run.stage(round, name);
        let manifests: Vec<_> = STAGES.iter().filter_map(|name| stage(name).manifest().ok()).collect();
        let facts =
            manifests.iter().filter_map(|manifest| serde_json::from_value::<Facts>(manifest.facts.clone()).ok());
        let done = |name: &str| stage(name).manifest().is_ok();
        RoundView {
            round,
            scores: json(&stage("measured"), "json").unwrap_or_default(),
            facts: facts.flatten().collect(),
            update: done("learned").then(|| store::read_json(&stage("learned").folder().join(UPDATE)).ok()).flatten(),
            decision: json(&stage("gate"), "json"),
            seconds: manifests
                .iter()
                .filter_map(|manifest| manifest.timing.get("seconds").and_then(Value::as_f64))
                .sum(),
            has_attempts: done("attempted") && done("checked"),
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(stage: &Stage, extension: &str) -> Option<T> {
    stage.manifest().ok()?;
    store::read_json(&stage.file(extension)).ok()
}
