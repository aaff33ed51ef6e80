use std::collections::BTreeMap;

use networks::DeviceKind;
use serde::Deserialize;

use crate::fault::ReproduceFault;

/// A reproduction as it is written down.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The paper whose claims these are.
    pub paper: String,
    /// The world or file that every arm runs on.
    pub on: String,
    /// The model that every arm begins with, a folder, a file, or a name that is known; none begins
    /// with one that is made from nothing.
    pub model: Option<String>,
    /// Maximum number of new tokens in an answer to a data file's task.
    pub max_tokens: Option<u32>,
    /// The device that computes: the same for every arm, so that none is rounded otherwise.
    #[serde(default)]
    pub device: DeviceKind,
    /// Seeds: every arm runs with each.
    pub seeds: Vec<u64>,
    /// Overrides of every arm.
    #[serde(default)]
    pub set: Vec<String>,
    /// More overrides with `--quick`.
    #[serde(default)]
    pub quick: Vec<String>,
    /// What is run.
    pub arms: BTreeMap<String, Arm>,
    /// What must be so for the claims to mean anything.
    #[serde(default)]
    pub premises: Vec<Premise>,
    /// What the paper says, as inequalities.
    pub claims: Vec<Claim>,
    /// What must not come out: if it does, something else than the method is at work.
    #[serde(default)]
    pub controls: Vec<Claim>,
}

/// One arm: a recipe with overrides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// The recipe's name.
    pub recipe: String,
    /// The world or file that it runs on, where that is another than the others'.
    pub on: Option<String>,
    /// Its own overrides.
    #[serde(default)]
    pub set: Vec<String>,
    /// What it may spend, as `--budget` takes it.
    pub budget: Option<String>,
}

/// A measured figure of an arm.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The arm.
    pub arm: String,
    /// The score's name, for example `accuracy on chain/test`, or what the round's stages counted:
    /// `temperature on the round`.
    pub metric: String,
    /// The round; by default the one whose model is kept in the end.
    pub round: Option<u32>,
}

/// A figure, or the difference of two, must lie in a range.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Premise {
    /// In words.
    pub says: String,
    /// The figure.
    pub figure: Figure,
    /// What is taken from it first, if anything.
    pub than: Option<Figure>,
    /// It must be at least this.
    pub above: f64,
    /// And at most this.
    pub below: f64,
}

/// A figure must be greater than another, beyond chance.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// In words.
    pub says: String,
    /// The paper's own figures; of controls none.
    #[serde(default)]
    pub paper: String,
    /// The paper's own difference, in the unit of the figures, where it is known: drawn beside the
    /// interval.
    pub paper_by: Option<f64>,
    /// What is said to be greater.
    pub better: Figure,
    /// Than what; without it, than `by`.
    pub than: Option<Figure>,
    /// By more than this; below zero, "not worse by more than".
    #[serde(default)]
    pub by: f64,
}

impl Plan {
    /// Refuses figures of arms that there are not.
    pub(crate) fn refuse_unknown_arms(&self, name: &str) -> Result<(), ReproduceFault> {
        let compared = self
            .claims
            .iter()
            .chain(&self.controls)
            .flat_map(|claim| [Some(&claim.better), claim.than.as_ref()])
            .flatten();
        let found = self.premises.iter().flat_map(|premise| [Some(&premise.figure), premise.than.as_ref()]).flatten();
        let figures = compared.chain(found);
        match figures.map(|figure| &figure.arm).find(|arm| !self.arms.contains_key(*arm)) {
            Some(arm) => Err(ReproduceFault::NoArm { name: name.into(), arm: arm.clone() }),
            None => Ok(()),
        }
    }
}
