//! The gate: a paired test on frozen held-out tasks decides whether a round's model is kept.

use measure::paired::{Difference, compare};
use nouns::{Key, Score};
use serde::{Deserialize, Serialize};

use crate::rounds::Gate;

/// What the gate decided, and on what grounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the round's model is kept.
    pub promoted: bool,
    /// The round whose model is in force from now on.
    pub kept: u32,
    /// The paired difference (new - kept before), if there was something to compare.
    pub difference: Option<Difference>,
    /// The grounds, in words.
    pub why: String,
}

/// Decides about the model of `round` against the one kept so far.
pub(crate) fn decide(
    gate: Gate,
    key: &Key,
    round: u32,
    kept: u32,
    old: Option<&Score>,
    new: Option<&Score>,
) -> Decision {
    let difference = old.zip(new).and_then(|(old, new)| compare(key, old, new));
    let promoted = match (&difference, gate) {
        (_, Gate::Always) => true,
        (None, Gate::NotWorse) => true,
        (None, Gate::Better) => false,
        (Some(found), Gate::NotWorse) => found.high >= 0.0,
        (Some(found), Gate::Better) => found.low > 0.0,
    };
    let why = reason(gate, promoted, kept, difference.as_ref());
    Decision { promoted, kept: if promoted { round } else { kept }, difference, why }
}

fn reason(gate: Gate, promoted: bool, kept: u32, difference: Option<&Difference>) -> String {
    let Some(found) = difference else {
        return match promoted {
            true => "no held-out task could be compared".into(),
            false => format!("kept round {kept}: no held-out task could be compared, and the gate asks for better"),
        };
    };
    let figures = format!(
        "{:+.1} points on {} held-out tasks (95 % interval {:+.1} to {:+.1}; {} gained, {} lost)",
        100.0 * found.mean,
        found.items,
        100.0 * found.low,
        100.0 * found.high,
        found.gained,
        found.lost
    );
    match (promoted, gate) {
        (true, Gate::Always) => format!("kept whatever the score: {figures}"),
        (true, _) => figures,
        (false, _) if found.high < 0.0 => {
            format!("no improvement: kept round {kept}, because the new model is worse: {figures}")
        }
        (false, _) => {
            format!("no improvement: kept round {kept}, because the new model is not surely better: {figures}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(right: usize, of: usize) -> Score {
        let items = (0..of).map(|n| (n.to_string(), Some(f64::from(n < right)))).collect();
        Score::new("accuracy", "toy/valid", items)
    }

    fn decided(gate: Gate, old: usize, new: usize) -> bool {
        decide(gate, &Key::root(1), 3, 2, Some(&score(old, 100)), Some(&score(new, 100))).promoted
    }

    #[test]
    fn a_model_that_is_worse_is_kept_only_by_always() {
        assert_eq!(
            [Gate::Always, Gate::NotWorse, Gate::Better].map(|gate| decided(gate, 60, 30)),
            [true, false, false]
        );
    }

    #[test]
    fn a_model_that_is_the_same_passes_unless_better_is_asked() {
        assert_eq!([Gate::Always, Gate::NotWorse, Gate::Better].map(|gate| decided(gate, 60, 60)), [true, true, false]);
    }

    #[test]
    fn a_model_that_is_better_passes_every_gate() {
        assert_eq!([Gate::Always, Gate::NotWorse, Gate::Better].map(|gate| decided(gate, 30, 60)), [true, true, true]);
    }

    #[test]
    fn a_refusal_says_which_round_is_kept_and_why() {
        let decision = decide(Gate::NotWorse, &Key::root(1), 3, 2, Some(&score(60, 100)), Some(&score(30, 100)));
        assert_eq!(decision.kept, 2);
        assert!(decision.why.starts_with("no improvement: kept round 2, because the new model is worse: -30.0 points"));
    }
}
