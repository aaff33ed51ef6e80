use nouns::{Candidate, Choose, Key, Teaching};
use serde::{Deserialize, Serialize};

use crate::groups::{groups, reward, settled};

recipe::part! {
    /// Credit for reinforcement: each attempt's reward (right 1, wrong 0, graded its grade) less a baseline, over a
    /// deviation. Questions whose attempts are all worth the same say nothing about what to do, and are left out.
    pub struct Advantages = "advantages", version 1 {
        /// What a reward is compared with.
        pub baseline: Baseline = Baseline::Group, "Shao et al. 2024, arXiv 2402.03300, section 4.1.2";
        /// What the difference is divided by.
        pub scale: Scale = Scale::Group, "Shao et al. 2024, arXiv 2402.03300, section 4.1.2";
        /// Whether questions are kept whose attempts are all worth the same.
        pub keep_even: bool = false, "Yu et al. 2025, arXiv 2503.14476, section 3.2: such groups are filtered out";
    }
}

/// What a reward is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// The mean of the question's attempts.
    Group,
    /// The mean of the question's other attempts (Kool et al. 2019; Ahmadian et al. 2024, arXiv 2402.14740, equation 8).
    LeaveOneOut,
    /// The mean of all attempts.
    Batch,
    /// Nothing.
    None,
}

/// What the difference is divided by. Standard deviations divide by `n - 1`, and 1e-4 is added to them, as in TRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The standard deviation among the question's attempts: makes questions weigh alike, and favours the very easy and
    /// the very hard (Liu et al. 2025, arXiv 2503.20783, section 3.1).
    Group,
    /// The standard deviation among all attempts.
    Batch,
    /// Nothing.
    None,
}

/// Added to deviations.
const EPSILON: f64 = 1e-4;

impl Choose for Advantages {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let rewards: Vec<f64> = pool.iter().map(reward).collect();
        let groups = groups(&pool);
        let mut credit = vec![None; pool.len()];
        for (number, places) in groups.iter().enumerate() {
            let own: Vec<f64> = places.iter().map(|&place| rewards[place]).collect();
            if is_even(&own) && !self.keep_even {
                continue;
            }
            for (&place, advantage) in places.iter().zip(self.of_group(&own, &rewards)) {
                credit[place] = Some(Teaching::Reinforced { advantage, group: number as u32 });
            }
        }
        let taught = pool.into_iter().zip(credit);
        taught.filter_map(|(candidate, teaching)| Some(Candidate { teaching: teaching?, ..candidate })).collect()
    }
}

impl Advantages {
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
    use crate::pools::{graded, pool};
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
        let with = |baseline, scale| advantages(&Advantages { baseline, scale, keep_even: false }, attempts());
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
                    let part = Advantages { baseline, scale, keep_even: true };
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
