use std::collections::BTreeMap;

use networks::DeviceKind;
use serde::{Deserialize, Serialize};

/// What a reproduction measured: `reproductions/results/NAME.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// The paper.
    pub paper: String,
    /// The world or file.
    pub on: String,
    /// The model that every arm began with, where it was not made from nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<BaseModel>,
    /// Digest of the data file, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Whether it was a quick try, whose verdicts mean nothing.
    pub quick: bool,
    /// Where it was measured.
    pub machine: Machine,
    /// The device that computed.
    #[serde(default)]
    pub device: DeviceKind,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// Arms at work at a time.
    #[serde(default = "one")]
    pub jobs: usize,
    /// Seconds of all arms, one after the other.
    pub seconds: f64,
    /// What was run.
    pub arms: BTreeMap<String, ArmRecord>,
    /// What had to be so.
    pub premises: Vec<PremiseRecord>,
    /// What the paper says.
    pub claims: Vec<ClaimRecord>,
    /// What must not come out.
    pub controls: Vec<ClaimRecord>,
}

/// A model that was there before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaseModel {
    /// As the plan names it.
    pub name: String,
    /// Names its weights.
    pub digest: Option<String>,
}

fn one() -> usize {
    1
}

/// Where something was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The commit of the program, or its version where there is none.
    pub commit: String,
    /// Operating system and processor family.
    pub platform: String,
    /// The processor's name.
    pub processor: String,
    /// Threads.
    pub threads: usize,
}

/// What one arm cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmRecord {
    /// The recipe.
    pub recipe: String,
    /// Names its settings, defaults included, and the versions of its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// Seed by seed.
    pub seeds: Vec<SeedRecord>,
}

/// One run of an arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeedRecord {
    /// The seed.
    pub seed: u64,
    /// Seconds of work; those of a base model that was taken over from another arm are that arm's.
    pub seconds: f64,
    /// Tokens generated and trained, the base model's included.
    pub tokens: u64,
    /// Tokens and value calls per task, where the recipe's own answers were measured.
    pub tokens_per_answer: Option<f64>,
    /// Scores of the model that is kept in the end, by name.
    pub scores: BTreeMap<String, f64>,
}

/// A premise as it was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PremiseRecord {
    /// In words.
    pub says: String,
    /// The figure, seed by seed.
    pub values: Vec<Option<f64>>,
    /// Its range.
    pub range: (f64, f64),
    /// Whether the mean lies in it.
    pub holds: bool,
}

/// A claim as it was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimRecord {
    /// In words.
    pub says: String,
    /// The paper's figures.
    pub paper: String,
    /// The paper's own difference, where it is known.
    #[serde(default)]
    pub paper_by: Option<f64>,
    /// Whether the figures are numbers of their own kind (a correlation, an error) and not shares.
    #[serde(default)]
    pub plain: bool,
    /// What is said to be greater, mean over seeds.
    pub better: Option<f64>,
    /// Than what, mean over seeds.
    pub than: Option<f64>,
    /// Mean difference over the items, and over the seeds of each.
    pub difference: Option<f64>,
    /// Its 95 % interval: paired bootstrap over the items, or Student's over the seeds of a figure
    /// that is one number for each.
    pub interval: Option<(f64, f64)>,
    /// The difference seed by seed.
    pub by_seed: Vec<f64>,
    /// What it has to exceed.
    pub by: f64,
    /// Items compared.
    pub items: usize,
    /// What came out.
    pub verdict: Verdict,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval lies above what it has to exceed.
    Held,
    /// It does not.
    DidNotHold,
    /// What had to be so was not, or was not measured: nothing can be said.
    PremiseAbsent,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Held => "held",
            Verdict::DidNotHold => "did not hold",
            Verdict::PremiseAbsent => "premise absent",
        }
    }
}
