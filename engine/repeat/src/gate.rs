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
    /// The same on the tasks that must not be forgotten, if the recipe names some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgetting: Option<Difference>,
    /// The grounds, in words.
    pub why: String,
}

/// A model, by its round and its scores.
#[derive(Clone, Copy)]
pub(crate) struct Standing<'a> {
    /// The round that made it.
    pub(crate) round: u32,
    /// All of its scores.
    pub(crate) scores: &'a [Score],
}

impl Standing<'_> {
    /// Its accuracy on the tasks of a split that the gate looks at.
    fn accuracy(&self, split: &str) -> Option<&Score> {
        self.scores.iter().find(|score| score.metric == "accuracy" && score.on.rsplit('/').next() == Some(split))
    }
}

/// Decides about a round's model against the one kept so far.
pub(crate) fn decide(gate: Gate, key: &Key, before: Standing, after: Standing) -> Decision {
    let paired =
        |split| before.accuracy(split).zip(after.accuracy(split)).and_then(|(old, new)| compare(key, old, new));
    let (difference, forgetting) = (paired("valid"), paired("forgetting"));
    let passes = match (&difference, gate) {
        (_, Gate::Always) | (None, Gate::NotWorse) => true,
        (None, Gate::Better) => false,
        (Some(found), Gate::NotWorse) => found.high >= 0.0,
        (Some(found), Gate::Better) => found.low > 0.0,
    };
    let forgot = forgetting.as_ref().filter(|found| gate != Gate::Always && found.high < 0.0);
    let promoted = passes && forgot.is_none();
    let why = match forgot {
        Some(lost) if passes => {
            format!("no improvement: kept round {}, because the new model forgot: {}", before.round, figures(lost))
        }
        _ => reason(gate, promoted, before.round, difference.as_ref()),
    };
    Decision { promoted, kept: if promoted { after.round } else { before.round }, difference, forgetting, why }
}

fn reason(gate: Gate, promoted: bool, kept: u32, difference: Option<&Difference>) -> String {
    let Some(found) = difference else {
        return match promoted {
            true => "no held-out task could be compared".into(),
            false => format!("kept round {kept}: no held-out task could be compared, and the gate asks for better"),
        };
    };
    let figures = figures(found);
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

fn figures(found: &Difference) -> String {
    format!(
        "{:+.1} points on {} held-out tasks (95 % interval {:+.1} to {:+.1}; {} gained, {} lost)",
        100.0 * found.mean,
        found.items,
        100.0 * found.low,
        100.0 * found.high,
        found.gained,
        found.lost
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(right: usize, of: usize) -> Score {
        let items = (0..of).map(|n| (n.to_string(), Some(f64::from(n < right)))).collect();
        Score::new("accuracy", "toy/valid", items)
    }

    fn decision(gate: Gate, old: &[Score], new: &[Score]) -> Decision {
        decide(gate, &Key::root(1), Standing { round: 2, scores: old }, Standing { round: 3, scores: new })
    }

    fn decided(gate: Gate, old: usize, new: usize) -> bool {
        decision(gate, &[score(old, 100)], &[score(new, 100)]).promoted
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
        let decision = decision(Gate::NotWorse, &[score(60, 100)], &[score(30, 100)]);
        assert_eq!(decision.kept, 2);
        assert!(decision.why.starts_with("no improvement: kept round 2, because the new model is worse: -30.0 points"));
    }

    #[test]
    fn a_model_that_gains_and_forgets_is_kept_only_by_always() {
        let with = |right, remembered| {
            let forgetting = Score { on: "other/forgetting".into(), ..score(remembered, 100) };
            [score(right, 100), forgetting]
        };
        let decided = |gate| decision(gate, &with(30, 80), &with(60, 40));
        assert_eq!(
            [Gate::Always, Gate::NotWorse, Gate::Better].map(|gate| decided(gate).promoted),
            [true, false, false]
        );
        let why = decided(Gate::Better).why;
        assert!(why.starts_with("no improvement: kept round 2, because the new model forgot: -40.0 points"), "{why}");
        assert!(decision(Gate::Better, &with(30, 80), &with(60, 81)).promoted);
    }
}
