//! The checkers that a recipe may name. One of them is made of others, which is why it is in this
//! file.

use std::collections::BTreeMap;

use nouns::Check;
use recipe::Describe;
use serde::{Deserialize, Serialize};

use crate::broken::ButBroken;
use crate::grants::{CheckFault, CheckerSettings, Grants};
use crate::together::{Member, Rule, Together};

recipe::parts! {
    /// What an answer is worth.
    pub enum CheckPart: CheckerSettings {
        Verify(crate::verify::Verify),
        Quality(crate::quality::Quality),
        Majority(crate::majority::Majority),
        Critic(crate::critic::Critic),
        Critiqued(crate::critiqued::Critiqued),
        Judge(crate::judge::Judge),
        Continuations(crate::continuations::Continuations),
        Process(crate::process::Process),
        Confidence(crate::confidence::Confidence),
        Consensus(crate::consensus::Consensus),
        Rewards(crate::rewards::Rewards),
        Ifeval(crate::ifeval::Ifeval),
        Weighted(Weighted),
    }
}

impl CheckPart {
    /// The verb, with what it is granted. Whatever it is, an aborted episode is unsettled.
    pub fn build(&self, grants: &Grants) -> Result<Box<dyn nouns::Check>, CheckFault> {
        let checker = CheckerSettings::build(&**self, grants)?;
        Ok(Box::new(ButBroken(checker)))
    }

    /// It and the parts that it is made of: each has a version of its own.
    pub fn with_components(&self) -> Vec<&dyn Describe> {
        [vec![self.describe()], self.components()].concat()
    }
}

impl Together {
    /// A recipe's list of checkers: an attempt is right if every one says so, and graded by the
    /// mean of those that grade.
    pub fn of(parts: &[CheckPart], grants: &Grants) -> Result<Together, CheckFault> {
        let named = parts.iter().enumerate().map(|(place, part)| (name(parts, place), 1.0, part));
        Together::named(named, Rule::Every, grants)
    }

    fn named<'a>(
        parts: impl Iterator<Item = (String, f64, &'a CheckPart)>,
        rule: Rule,
        grants: &Grants,
    ) -> Result<Together, CheckFault> {
        let mut metric = if rule == Rule::Every { "accuracy" } else { "reward" };
        let members = parts.map(|(name, weight, part)| {
            if !matches!(part, CheckPart::Verify(_)) {
                metric = "reward";
            }
            Ok(Member { name, weight, check: part.build(grants)? })
        });
        let members = members.collect::<Result<Vec<_>, CheckFault>>()?;
        Ok(Together { members, rule, metric })
    }
}

/// The name of the part at this place; the second of the same name is numbered.
fn name(parts: &[CheckPart], place: usize) -> String {
    let name = parts[place].describe().name();
    match parts[..place].iter().filter(|part| part.describe().name() == name).count() {
        0 => name.to_owned(),
        before => format!("{name}-{}", before + 1),
    }
}

recipe::part! {
    /// Sums several checkers as named components of one reward: what each says times its weight,
    /// right counting 1 and wrong 0. What each said is kept beside the sum. One that could not tell
    /// leaves the whole unsettled.
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

    fn value_models(&self) -> Vec<&str> {
        self.of.values().flat_map(|part| part.check.value_models()).collect()
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
