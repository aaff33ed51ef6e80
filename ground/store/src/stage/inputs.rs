use std::collections::{BTreeMap, BTreeSet};

use nouns::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Reason;
use super::canonical::{canonical, first_difference};

/// Everything that a stage's output depends on. Two runs of a stage with equal inputs write equal
/// bytes.
///
/// | input      | covers                                                        | differs: [`Reason`]    |
/// |------------|---------------------------------------------------------------|------------------------|
/// | `parts`    | the version constant of every part that takes part            | `PartVersionChanged`   |
/// | `recipe`   | the stage's slice of the recipe, defaults filled in           | `RecipeChanged`        |
/// | `seed`     | the run's seed                                                | `SeedChanged`          |
/// | `model`    | the weights that answer or learn                              | `ModelChanged`         |
/// | `upstream` | fingerprints of the stages it reads, by name                  | `UpstreamChanged`      |
///
/// The stage's name and its round enter the fingerprint as well. The machine, the number of threads
/// and the clock do not: results must not depend on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The stage's slice of the recipe.
    pub recipe: Value,
    /// Version constants of the parts, by name.
    pub parts: BTreeMap<String, u32>,
    /// The run's seed.
    pub seed: u64,
    /// The weights that answer or learn.
    pub model: Option<Digest>,
    /// Fingerprints of the stages it reads, by name.
    pub upstream: BTreeMap<String, Digest>,
}

impl Inputs {
    /// Names the output of a stage with these inputs.
    pub fn fingerprint(&self, stage: &str, round: u32) -> Digest {
        let inputs = canonical(&serde_json::to_value(self).unwrap_or_default());
        Digest::of_fields([stage.as_bytes(), &round.to_le_bytes(), inputs.as_bytes()])
    }

    /// Every reason why an output made from `recorded` does not serve for these inputs, root causes
    /// first.
    pub fn changes_since(&self, recorded: &Inputs) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.version_changes(recorded).collect();
        reasons.extend(self.recipe_change(recorded));
        if self.seed != recorded.seed {
            reasons.push(Reason::SeedChanged { from: recorded.seed, to: self.seed });
        }
        if self.model != recorded.model {
            reasons.push(Reason::ModelChanged { from: recorded.model.clone(), to: self.model.clone() });
        }
        let changed = differing(&self.upstream, &recorded.upstream);
        reasons.extend(changed.map(|stage| Reason::UpstreamChanged { stage: stage.clone() }));
        reasons
    }

    fn recipe_change(&self, recorded: &Inputs) -> Option<Reason> {
        let difference = first_difference(&recorded.recipe, &self.recipe)?;
        Some(Reason::RecipeChanged { what: difference.path, from: difference.from, to: difference.to })
    }

    fn version_changes<'a>(&'a self, recorded: &'a Inputs) -> impl Iterator<Item = Reason> {
        differing(&self.parts, &recorded.parts).map(|part| Reason::PartVersionChanged {
            part: part.clone(),
            from: recorded.parts.get(part).copied(),
            to: self.parts.get(part).copied(),
        })
    }
}

/// The keys whose values differ or that only one map has, in order.
fn differing<'a, V: PartialEq>(
    a: &'a BTreeMap<String, V>,
    b: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = &'a String> {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter().filter(|key| a.get(*key) != b.get(*key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn inputs() -> Inputs {
        Inputs {
            recipe: json!({"sample": {"per_task": 4}}),
            parts: [("sample".to_owned(), 1)].into(),
            seed: 7,
            model: Some(Digest::of(b"base")),
            upstream: [("asked".to_owned(), Digest::of(b"asked"))].into(),
        }
    }

    #[test]
    fn every_input_enters_the_fingerprint_and_is_told_apart() {
        type Change = (fn(&mut Inputs), &'static str);
        let changes: [Change; 6] = [
            (|i| i.recipe["sample"]["per_task"] = json!(8), "the recipe changed: `sample.per_task` was 4, is 8"),
            (|i| i.parts = [("sample".to_owned(), 2)].into(), "part `sample` changed from version 1 to 2"),
            (|i| i.parts.clear(), "part `sample` is no longer used"),
            (|i| i.seed = 8, "the seed changed from 7 to 8"),
            (|i| i.model = None, "the model changed from de8f3fcf to none"),
            (|i| i.upstream.clear(), "`asked`, which it reads, was made again"),
        ];
        for (change, said) in changes {
            let mut changed = inputs();
            change(&mut changed);
            assert_ne!(changed.fingerprint("attempted", 1), inputs().fingerprint("attempted", 1), "{said}");
            let reasons: Vec<String> = changed.changes_since(&inputs()).iter().map(Reason::to_string).collect();
            assert_eq!(reasons, [said]);
        }
        assert_ne!(inputs().fingerprint("attempted", 1), inputs().fingerprint("attempted", 2));
        assert_ne!(inputs().fingerprint("attempted", 1), inputs().fingerprint("checked", 1));
        assert!(inputs().changes_since(&inputs()).is_empty());
    }
}
