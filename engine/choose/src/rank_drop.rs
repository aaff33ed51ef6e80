use nouns::{Candidate, Choose, Key};
use serde::{Deserialize, Serialize};

use crate::groups::reward;

recipe::part! {
    /// Drops attempts at random, the worse the likelier. Sorted from the worst to the best, one at
    /// rank `r` (1 for the worst, near 0 for the best) is dropped with probability
    /// `min(1, strength * r^power)`.
    pub struct RankDrop = "rank_drop", version 1 {
        /// What attempts are sorted by.
        pub by: By = By::Length, "Quan et al. 2024, arXiv 2410.23933, section 2.2: short ones go";
        /// The `strength` of that formula: how many are dropped.
        pub strength: f64 = 2.0, "Quan et al. 2024, arXiv 2410.23933, the authors' code";
        /// The `power` of that formula: how much likelier the worst are dropped than the others.
        pub power: f64 = 3.0, "Quan et al. 2024, arXiv 2410.23933, the authors' code";
    }
}

/// What attempts are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Their tokens: short ones are the worst.
    Length,
    /// Their reward.
    Reward,
}

impl Choose for RankDrop {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let value = |candidate: &Candidate| match self.by {
            By::Length => candidate.trace.tokens.len() as f64,
            By::Reward => reward(candidate),
        };
        let mut order: Vec<usize> = (0..pool.len()).collect();
        order.sort_by(|&one, &other| value(&pool[one]).total_cmp(&value(&pool[other])));
        let mut kept = vec![false; pool.len()];
        for (rank, place) in order.into_iter().enumerate() {
            let r = 1.0 - rank as f64 / pool.len() as f64;
            let drawn = key.of("rank").of(&pool[place].trace.id).random().uniform();
            kept[place] = drawn >= self.strength * r.powf(self.power);
        }
        pool.into_iter().zip(kept).filter_map(|(candidate, kept)| kept.then_some(candidate)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::pool;

    #[test]
    fn the_worst_always_go_and_the_best_hardly_ever() {
        let grades: Vec<f64> = (0..100).map(f64::from).collect();
        let part = RankDrop { by: By::Reward, ..RankDrop::default() };
        let mut kept = [0; 100];
        for seed in 0..200 {
            for candidate in part.choose(&Key::root(seed), pool(&[("a", &grades)])) {
                kept[reward(&candidate) as usize] += 1;
            }
        }
        assert!(kept[..20].iter().all(|&times| times == 0), "2 * 0.8^3 is more than 1");
        assert!(kept[90..].iter().all(|&times| times > 180), "{kept:?}");
        let share = f64::from(kept[50]) / 200.0;
        assert!((share - (1.0 - 2.0 * 0.125)).abs() < 0.1, "{share}");
    }
}
