use std::collections::BTreeMap;

use nouns::Check;
use recipe::Describe;
use serde::{Deserialize, Serialize};

use super::CheckPart;
use super::together::{Rule, Together};
use crate::grants::{CheckFault, CheckerSettings, Grants};

recipe::part! {
    /// Several checkers as named components of one reward: the sum of what each says times its
    /// weight, right counting 1 and wrong 0. What each said is kept beside the sum. One that could
    /// not tell leaves the whole unsettled.
    pub struct Weighted = "weighted", version 1 {
        /// The components by name: each a `check` and its `weight`, which is 1 where nothing is
        /// said.
        pub of: BTreeMap<String, Weighing> = BTreeMap::new(), "ours: none; at least one is needed";
    }
}

/// A checker and how much it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighing {
    /// The checker.
    pub check: CheckPart,
    /// What its reward is multiplied with; below 0 it is a penalty.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

impl CheckerSettings for Weighted {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        if let Some((name, part)) = self.of.iter().find(|(_, part)| !part.weight.is_finite()) {
            return Err(CheckFault::BadWeight { name: name.clone(), weight: part.weight });
        }
        if self.of.is_empty() {
            return Err(CheckFault::NoComponents);
        }
        let named = self.of.iter().map(|(name, part)| (name.clone(), part.weight, &part.check));
        Ok(Box::new(Together::named(named, Rule::Sum, grants)?))
    }

    fn needs_oracle(&self) -> bool {
        self.of.values().any(|part| part.check.needs_oracle())
    }

    fn votes(&self) -> bool {
        self.of.values().any(|part| part.check.votes())
    }

    fn roles(&self) -> Vec<&str> {
        self.of.values().flat_map(|part| part.check.roles()).collect()
    }

    fn models(&self) -> Vec<&str> {
        self.of.values().flat_map(|part| part.check.models()).collect()
    }

    fn models_with_tokens(&self) -> Vec<&str> {
        self.of.values().flat_map(|part| part.check.models_with_tokens()).collect()
    }

    fn components(&self) -> Vec<&dyn Describe> {
        self.of.values().flat_map(|part| part.check.with_components()).collect()
    }
}
