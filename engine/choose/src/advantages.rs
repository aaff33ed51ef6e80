//! Rewards become advantages: how much better than expected an attempt was.
//!
//! One part instead of one per method, because the group methods differ in two choices alone: what
//! a reward is compared with ([`Baseline`]) and what the difference is divided by ([`Scale`]). GRPO
//! is group and group, Dr. GRPO group and none, RLOO leave-one-out and none, REINFORCE batch and
//! none. Questions whose attempts are all worth the same are left out, bit for bit the same, since
//! a deviation that is nothing but rounding would be divided into a signal.
use nouns::{Candidate, Choose, Key, LessonKind, Teaching};
use serde::{Deserialize, Serialize};

use crate::chains::{Credit, Rules, returns};
use crate::groups::{reward, rivals, settled};

recipe::part! {
    /// Turns rewards into advantages: each attempt's reward less a baseline, over a deviation. A
    /// reward is 1 for right, 0 for wrong, and a grade as it is, with that of the turns around it
    /// if `credit` says so. A later turn is compared with the same turn of the task's other
    /// attempts. Groups that are all worth the same say nothing about what to do, and are left out.
    pub struct Advantages = "advantages", version 2 {
        /// What a reward is compared with: the mean of its `group`, of the others in it
        /// (`leave-one-out`), of the `batch`, or `none`.
        pub baseline: Baseline = Baseline::Group, "Shao et al. 2024, arXiv 2402.03300, section 4.1.2";
        /// What the difference is divided by: the standard deviation of the `group` or of the
        /// `batch`, or `none`.
        pub scale: Scale = Scale::Group, "Shao et al. 2024, arXiv 2402.03300, section 4.1.2";
        /// Whether questions whose attempts all have the same reward are kept.
        pub keep_even: bool = false, "Yu et al. 2025, arXiv 2503.14476, section 3.2: such groups are filtered out";
        /// Whose reward counts where attempts are turns of one conversation: its `own`, that
        /// `to-go`, that of the whole `chain`, or the `last` one's.
        pub credit: Credit = Credit::Own, "ours: each answers for itself";
        /// Discount per turn, for `to-go`.
        pub gamma: f64 = 1.0, "ours: none", 0.0..=1.0;
        /// For `to-go`: the lambda of generalized advantage estimation with the mean over the same
        /// turns as the value, from 0 (trust that mean) to 1 (trust the observed return).
        pub lambda: f64 = 1.0, "ours: what came; Schulman et al. 2015, arXiv 1506.02438, equation 16", 0.0..=1.0;
        /// What the turns of an episode are credited with: all with the whole, or each with what
        /// was given from it on.
        pub turns: TurnCredit = TurnCredit::Whole, "ours: the whole";
        /// How much a turn's gain on the turn before counts beside its own reward.
        pub progress: f64 = 0.0, "none; Kumar et al. 2024, arXiv 2409.12917, section 5.2, take a large multiple";
    }
}

/// What a reward is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// The mean of the question's attempts.
    Group,
    /// The mean of the question's other attempts (Kool et al. 2019; Ahmadian et al. 2024, arXiv
    /// 2402.14740, equation 8).
    LeaveOneOut,
    /// The mean of all attempts.
    Batch,
    /// Nothing.
    None,
}

/// What the difference is divided by. Standard deviations divide by `n - 1`, and 1e-4 is added to
/// them, as in TRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The standard deviation among the question's attempts: makes questions weigh alike, and
    /// favours the very easy and the very hard (Liu et al. 2025, arXiv 2503.20783, section 3.1).
    Group,
    /// The standard deviation among all attempts.
    Batch,
    /// Nothing.
    None,
}

/// What the turns of an episode in an environment are credited with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnCredit {
    /// Every turn with what the episode is worth.
    Whole,
    /// Each with what the environment gave in it and after it, discounted by `gamma`; what the
    /// episode is worth beyond that belongs to its last turn. A turn is compared with the same turn
    /// of the group's other episodes.
    ToGo,
}

/// Added to deviations.
const EPSILON: f64 = 1e-4;

impl Choose for Advantages {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let rewards: Vec<f64> = pool.iter().map(reward).collect();
        let Advantages { credit, gamma, lambda, progress, .. } = *self;
        let rewards = returns(&pool, &rewards, Rules { credit, gamma, lambda, progress });
        let groups = rivals(&pool);
        let mut credit = vec![None; pool.len()];
        for (number, places) in groups.iter().enumerate() {
            let own: Vec<f64> = places.iter().map(|&place| rewards[place]).collect();
            let turns = match self.turns {
                TurnCredit::Whole => vec![Vec::new(); places.len()],
                TurnCredit::ToGo => self.by_turn(&pool, places, &rewards),
            };
            // Episodes that are worth the same may still differ in when they were rewarded.
            if is_even(&own) && turns.iter().flatten().all(|&credit| credit == 0.0) && !self.keep_even {
                continue;
            }
            for ((&place, advantage), by_turn) in places.iter().zip(self.of_group(&own, &rewards)).zip(turns) {
                let teaching = Teaching::Reinforced { advantage, group: number as u32, kl_weight: 1.0 };
                credit[place] = Some((teaching, by_turn));
            }
        }
        let taught = pool.into_iter().zip(credit);
        let teach = |(candidate, credit): (Candidate, Option<(Teaching, Vec<f64>)>)| {
            let (teaching, by_turn) = credit?;
            Some(Candidate { teaching, by_turn, ..candidate })
        };
        taught.filter_map(teach).collect()
    }

    fn makes(&self) -> Option<LessonKind> {
        Some(LessonKind::Rollout)
    }

    fn sees_chains(&self) -> bool {
        self.credit != Credit::Own || self.progress != 0.0
    }
}

impl Advantages {
    /// Advantages of the turns of one question's episodes: each turn among the same turns of the
    /// others. `[places][turns]`
    fn by_turn(&self, pool: &[Candidate], places: &[usize], rewards: &[f64]) -> Vec<Vec<f64>> {
        let to_go: Vec<Vec<f64>> =
            places.iter().map(|&place| to_go(&pool[place], rewards[place], self.gamma)).collect();
        let mut found: Vec<Vec<f64>> = to_go.iter().map(|turns| vec![0.0; turns.len()]).collect();
        for turn in 0..to_go.iter().map(Vec::len).max().unwrap_or(0) {
            let with: Vec<usize> = (0..to_go.len()).filter(|&one| turn < to_go[one].len()).collect();
            let own: Vec<f64> = with.iter().map(|&one| to_go[one][turn]).collect();
            let advantages = self.of_group(&own, rewards);
            with.into_iter().zip(advantages).for_each(|(one, advantage)| found[one][turn] = advantage);
        }
        found
    }

    /// Advantages of one question's attempts, whose rewards are `own`, among `all`.
    pub fn of_group(&self, own: &[f64], all: &[f64]) -> Vec<f64> {
        let scale = match self.scale {
            Scale::Group => deviation(own) + EPSILON,
            Scale::Batch => deviation(all) + EPSILON,
            Scale::None => 1.0,
        };
        let (mean_own, mean_all, count) = (mean(own), mean(all), own.len() as f64);
        let baseline = |reward: f64| match self.baseline {
            Baseline::Group => mean_own,
            Baseline::LeaveOneOut if own.len() < 2 => 0.0,
            Baseline::LeaveOneOut => (mean_own * count - reward) / (count - 1.0),
            Baseline::Batch => mean_all,
            Baseline::None => 0.0,
        };
        own.iter().map(|&reward| (reward - baseline(reward)) / scale).collect()
    }
}

/// What was given from each turn of an episode on; `worth` is what the whole is worth, the rest of
/// which belongs to the last turn. Empty for an attempt that is no episode. `[turns]`
fn to_go(candidate: &Candidate, worth: f64, gamma: f64) -> Vec<f64> {
    let turns = candidate.trace.episode.iter().flat_map(|episode| &episode.turns);
    let mut given: Vec<f64> = turns.map(|turn| turn.reward.unwrap_or(0.0)).collect();
    let rest = worth - given.iter().sum::<f64>();
    given.last_mut().into_iter().for_each(|last| *last += rest);
    let mut ahead = 0.0;
    for turn in given.iter_mut().rev() {
        ahead = *turn + gamma * ahead;
        *turn = ahead;
    }
    given
}

/// Whether all rewards are the same: to the bit, so that no rounding makes a signal of nothing.
fn is_even(rewards: &[f64]) -> bool {
    rewards.windows(2).all(|two| two[0] == two[1])
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The sample's standard deviation; 0 for fewer than two.
fn deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{chained, graded, pool};
    use nouns::{Episode, EpisodeTurn};
    use proptest::prelude::*;

    fn advantages(part: &Advantages, pool: Vec<Candidate>) -> Vec<f64> {
        let chosen = part.choose(&Key::root(1), pool);
        let advantage = |candidate: &Candidate| match candidate.teaching {
            Teaching::Reinforced { advantage, .. } => advantage,
            _ => f64::NAN,
        };
        chosen.iter().map(advantage).collect()
    }

    #[test]
    fn a_group_of_four_has_its_closed_forms() {
        let attempts = || pool(&[("a", &[1.0, 0.0, 0.0, 0.0])]);
        let with = |baseline, scale| advantages(&Advantages { baseline, scale, ..Advantages::default() }, attempts());
        assert_eq!(with(Baseline::Group, Scale::None), [0.75, -0.25, -0.25, -0.25]);
        assert_eq!(with(Baseline::LeaveOneOut, Scale::None), [1.0, -1.0 / 3.0, -1.0 / 3.0, -1.0 / 3.0]);
        assert_eq!(with(Baseline::None, Scale::None), [1.0, 0.0, 0.0, 0.0]);
        let scaled = with(Baseline::Group, Scale::Group);
        assert!((scaled[0] - 0.75 / (0.5 + 1e-4)).abs() < 1e-12 && (scaled[1] + 0.25 / (0.5 + 1e-4)).abs() < 1e-12);
    }

    #[test]
    fn questions_whose_attempts_are_worth_the_same_are_left_out() {
        let mixed = pool(&[("a", &[1.0, 1.0]), ("b", &[0.0, 1.0]), ("c", &[0.0, 0.0])]);
        let chosen = Advantages::default().choose(&Key::root(1), mixed.clone());
        assert!(chosen.len() == 2 && chosen.iter().all(|candidate| candidate.trace.task == "b"));
        let kept = Advantages { keep_even: true, ..Advantages::default() }.choose(&Key::root(1), mixed);
        assert_eq!(kept.len(), 6);
    }

    #[test]
    fn later_turns_are_compared_with_each_other_whatever_they_saw() {
        let first = pool(&[("a", &[0.0, 1.0])]);
        let later = [chained(&first[0], 2, 1.0), chained(&first[1], 3, 0.0)];
        let attempts = || first.iter().chain(&later).cloned().collect::<Vec<_>>();
        let with = |credit, progress| {
            let part = Advantages { scale: Scale::None, credit, progress, ..Advantages::default() };
            advantages(&part, attempts())
        };
        assert_eq!(with(Credit::Own, 0.0), [-0.5, 0.5, 0.5, -0.5]);
        assert_eq!(with(Credit::Own, 2.0), [-0.5, 0.5, 2.5, -2.5]);
        assert_eq!(with(Credit::Last, 0.0), [0.5, -0.5, 0.5, -0.5]);
        assert!(with(Credit::Chain, 0.0).is_empty(), "both conversations are worth the same");
        let groups = Advantages { keep_even: true, ..Advantages::default() }.choose(&Key::root(1), attempts());
        let group = |candidate: &Candidate| match candidate.teaching {
            Teaching::Reinforced { group, .. } => group,
            _ => 99,
        };
        assert_eq!(groups.iter().map(group).collect::<Vec<_>>(), [0, 0, 1, 1]);
    }

    fn played(mut candidate: Candidate, rewards: &[f64]) -> Candidate {
        let turn = |&reward: &f64| EpisodeTurn {
            drawn: 1,
            observed: 0,
            action: "a".into(),
            observation: Vec::new(),
            reward: Some(reward),
        };
        candidate.trace.episode = Some(Episode { turns: rewards.iter().map(turn).collect(), unsettled: None });
        candidate
    }

    #[test]
    fn turns_are_credited_with_what_comes_and_compared_with_the_same_turns() {
        // Worth 1, 0.5 and 1 in all: the first was given half of it at once, the last nothing but in the end.
        let attempts = pool(&[("a", &[1.0, 0.5, 1.0])]);
        let given: [&[f64]; 3] = [&[0.5, 0.5], &[0.5], &[0.0, 0.0, 0.25]];
        let attempts: Vec<Candidate> = attempts.into_iter().zip(given).map(|(one, given)| played(one, given)).collect();
        let by_turn = |turns, gamma| {
            let part = Advantages { scale: Scale::None, turns, gamma, ..Advantages::default() };
            let chosen = part.choose(&Key::root(1), attempts.clone());
            chosen.into_iter().map(|one| one.by_turn).collect::<Vec<_>>()
        };
        assert_eq!(by_turn(TurnCredit::Whole, 1.0), [vec![], vec![], Vec::<f64>::new()]);
        // To go: 1, 0.5; 0.5; 1, 1, 1. The second turn has two episodes, the third one.
        let mean = 2.5 / 3.0;
        assert_eq!(
            by_turn(TurnCredit::ToGo, 1.0),
            [vec![1.0 - mean, -0.25], vec![0.5 - mean], vec![1.0 - mean, 0.25, 0.0]]
        );
        // Discounted by half: 0.75, 0.5; 0.5; 0.25, 0.5, 1.
        let mean = 1.5 / 3.0;
        assert_eq!(by_turn(TurnCredit::ToGo, 0.5), [vec![0.75 - mean, 0.0], vec![0.0], vec![0.25 - mean, 0.0, 0.0]]);
    }

    #[test]
    fn what_could_not_be_judged_takes_no_part() {
        let mut attempts = pool(&[("a", &[1.0, 0.0])]);
        attempts.push(graded("a", 2, f64::NAN));
        assert_eq!(advantages(&Advantages { scale: Scale::None, ..Advantages::default() }, attempts), [0.5, -0.5]);
    }

    proptest! {
        #[test]
        fn advantages_of_a_question_sum_to_zero_and_do_not_see_order_or_origin(
            rewards in prop::collection::vec(-5.0..5.0f64, 2..8),
            shift in -3.0..3.0f64,
        ) {
            for baseline in [Baseline::Group, Baseline::LeaveOneOut] {
                for scale in [Scale::Group, Scale::None] {
                    let part = Advantages { baseline, scale, keep_even: true, ..Advantages::default() };
                    let found = advantages(&part, pool(&[("a", &rewards)]));
                    prop_assert!(found.iter().sum::<f64>().abs() < 1e-6);
                    let backwards: Vec<f64> = rewards.iter().rev().copied().collect();
                    let mut permuted = advantages(&part, pool(&[("a", &backwards)]));
                    permuted.reverse();
                    let shifted: Vec<f64> = rewards.iter().map(|reward| reward + shift).collect();
                    let shifted = advantages(&part, pool(&[("a", &shifted)]));
                    for place in 0..rewards.len() {
                        prop_assert!((found[place] - permuted[place]).abs() < 1e-6);
                        prop_assert!((found[place] - shifted[place]).abs() < 1e-6);
                    }
                }
            }
        }
    }
}
