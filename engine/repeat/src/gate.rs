//! The gate: a paired test on frozen held-out tasks decides whether a round's model is kept.

use measure::paired::{Difference, compare};
use nouns::{Key, Score};
use serde::{Deserialize, Serialize};

use crate::rounds::Gate;

/// Raised when the gate would decide otherwise on the same scores.
pub(crate) const GATE: u32 = 2;

/// What the gate decided, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the round's model is kept.
    pub promoted: bool,
    /// The round whose model is kept from now on.
    pub kept: u32,
    /// The paired difference (new - kept before), if there was something to compare.
    pub difference: Option<Difference>,
    /// The same on the tasks that must not be forgotten, if the recipe names some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgetting: Option<Difference>,
    /// The reason, in words.
    pub why: String,
}

/// The split whose tasks must not be forgotten.
pub(crate) const FORGETTING: &str = "forgetting";

/// A model, by its round and its scores.
#[derive(Clone, Copy)]
pub(crate) struct Standing<'a> {
    /// The round that made it.
    pub(crate) round: u32,
    /// All of its scores.
    pub(crate) scores: &'a [Score],
}

/// What the gate demands, and what graded the answers.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) gate: Gate,
    /// The checkers that graded, in words.
    pub(crate) graded_by: &'a str,
    /// Whether tasks are named that must not be forgotten.
    pub(crate) forgetting: bool,
}

impl Standing<'_> {
    /// Its greedy answers' grades on the tasks of a split that the gate looks at.
    fn graded(&self, split: &str) -> Option<&Score> {
        self.scores.iter().find(|score| is_grade(score) && score.split() == split)
    }
}

/// Whether a score is the mean grade of greedy answers: an accuracy where right answers decide,
/// else a reward.
pub(crate) fn is_grade(score: &Score) -> bool {
    matches!(score.metric.as_str(), "accuracy" | "reward")
}

/// Decides about a round's model against the one kept so far. Where nothing can be compared nothing
/// is promoted.
pub(crate) fn decide(asked: Asked, key: &Key, before: Standing, after: Standing) -> Decision {
    let gate = asked.gate;
    let paired = |split| before.graded(split).zip(after.graded(split)).and_then(|(old, new)| compare(key, old, new));
    let (difference, forgetting) = (paired("valid"), paired(FORGETTING));
    let passes = match (&difference, gate) {
        (_, Gate::Always) => true,
        (None, _) => false,
        (Some(found), Gate::NotLower) => found.mean >= 0.0,
        (Some(found), Gate::NotWorse) => found.high >= 0.0,
        (Some(found), Gate::Better) => found.low > 0.0,
    };
    let remembers = match &forgetting {
        Some(found) => found.high >= 0.0,
        None => !asked.forgetting,
    };
    let promoted = passes && (remembers || gate == Gate::Always);
    let why = match &forgetting {
        Some(lost) if passes && !promoted => {
            format!("no improvement: kept round {}, because the new model forgot: {}", before.round, figures(lost))
        }
        None if passes && !promoted => format!(
            "kept round {}: no task that must not be forgotten could be compared, because its world has no reference \
             answers to them",
            before.round
        ),
        _ => reason(asked, promoted, [before, after], difference.as_ref()),
    };
    Decision { promoted, kept: if promoted { after.round } else { before.round }, difference, forgetting, why }
}

fn reason(asked: Asked, promoted: bool, [before, after]: [Standing; 2], difference: Option<&Difference>) -> String {
    let kept = before.round;
    let Some(found) = difference else {
        let missing = missing(asked.graded_by, after.graded("valid"));
        return match promoted {
            true => format!("kept whatever the score: {missing}"),
            false => format!("kept round {kept}: {missing}"),
        };
    };
    let figures = figures(found);
    match (promoted, asked.gate) {
        (true, Gate::Always) => format!("kept whatever the score: {figures}"),
        (true, _) => figures,
        (false, _) if found.high < 0.0 => {
            format!("no improvement: kept round {kept}, because the new model is worse: {figures}")
        }
        (false, Gate::NotLower) => {
            format!("no improvement: kept round {kept}, because the new model's mean is lower: {figures}")
        }
        (false, _) => {
            format!("no improvement: kept round {kept}, because the new model is not surely better: {figures}")
        }
    }
}

/// Why two models could not be compared, and what to do about it.
fn missing(graded_by: &str, score: Option<&Score>) -> String {
    let tasks = score.map_or(0, |score| score.items.len());
    let settled = score.map_or(0, |score| score.per_item.iter().flatten().count());
    let why = match (tasks, settled) {
        (0, _) => "there are no held-out tasks".to_owned(),
        (_, 0) => format!("{graded_by} settled none of the answers to {tasks} held-out tasks"),
        _ => format!("{graded_by} settled no held-out task for both models"),
    };
    format!(
        "nothing could be compared: {why}; name what grades them (`--grade CHECKER`), or keep every round (`--set repeat.gate=always`)"
    )
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
        asked(Asked { gate, graded_by: "the world's answers", forgetting: false }, old, new)
    }

    fn asked(asked: Asked, old: &[Score], new: &[Score]) -> Decision {
        decide(asked, &Key::root(1), Standing { round: 2, scores: old }, Standing { round: 3, scores: new })
    }

    fn decided(gate: Gate, old: usize, new: usize) -> bool {
        decision(gate, &[score(old, 100)], &[score(new, 100)]).promoted
    }

    const GATES: [Gate; 4] = [Gate::Always, Gate::NotWorse, Gate::NotLower, Gate::Better];

    #[test]
    fn a_model_that_is_worse_is_kept_only_by_always() {
        assert_eq!(GATES.map(|gate| decided(gate, 60, 30)), [true, false, false, false]);
    }

    #[test]
    fn a_model_whose_mean_is_lower_by_chance_passes_only_where_not_worse_is_asked() {
        assert_eq!(GATES.map(|gate| decided(gate, 10, 9)), [true, true, false, false]);
        assert_eq!(GATES.map(|gate| decided(gate, 9, 10)), [true, true, true, false]);
    }

    #[test]
    fn a_model_that_is_the_same_passes_unless_better_is_asked() {
        assert_eq!(GATES.map(|gate| decided(gate, 60, 60)), [true, true, true, false]);
    }

    #[test]
    fn a_model_that_is_better_passes_every_gate() {
        assert_eq!(GATES.map(|gate| decided(gate, 30, 60)), [true; 4]);
    }

    #[test]
    fn where_nothing_can_be_compared_nothing_is_promoted_and_what_is_missing_is_said() {
        let unsettled = [Score::new("accuracy", "toy/valid", (0..20).map(|n| (n.to_string(), None)).collect())];
        for scores in [&unsettled[..], &[]] {
            assert_eq!(GATES.map(|gate| decision(gate, scores, scores).promoted), [true, false, false, false]);
        }
        let why = decision(Gate::NotLower, &unsettled, &unsettled).why;
        assert!(why.contains("the world's answers settled none of the answers to 20 held-out tasks"), "{why}");
        assert!(why.contains("--grade") && why.contains("repeat.gate=always"), "{why}");
        assert!(decision(Gate::Better, &[], &[]).why.contains("there are no held-out tasks"));
    }

    #[test]
    fn grades_are_compared_as_answers_are() {
        let graded = |mean: f64| {
            let items = (0..50).map(|n| (n.to_string(), Some(mean))).collect();
            [Score::new("reward", "toy/valid", items)]
        };
        let passes = |old, new| decision(Gate::Better, &graded(old), &graded(new)).promoted;
        assert_eq!((passes(0.3, 0.4), passes(0.4, 0.3)), (true, false));
    }

    #[test]
    fn what_must_not_be_forgotten_and_cannot_be_compared_is_no_reason_to_promote() {
        let refused = Asked { gate: Gate::NotLower, graded_by: "`judge`", forgetting: true };
        let decision = asked(refused, &[score(30, 100)], &[score(60, 100)]);
        assert!(!decision.promoted && decision.why.contains("must not be forgotten"), "{}", decision.why);
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
            [Gate::Always, Gate::NotLower, Gate::Better].map(|gate| decided(gate).promoted),
            [true, false, false]
        );
        let why = decided(Gate::Better).why;
        assert!(why.starts_with("no improvement: kept round 2, because the new model forgot: -40.0 points"), "{why}");
        assert!(decision(Gate::Better, &with(30, 80), &with(60, 81)).promoted);
    }
}
