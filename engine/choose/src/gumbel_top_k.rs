use nouns::{Candidate, Choose, Key};

use serde::{Deserialize, Serialize};

use crate::groups::{domains, groups, reward, settled};

recipe::part! {
    /// Draws attempts without replacement, the better the likelier. Each is drawn with probability
    /// proportional to `exp(reward / temperature)` among those left: the largest of reward over
    /// temperature plus Gumbel noise (Kool et al. 2019, arXiv 1903.06059).
    pub struct GumbelTopK = "gumbel_top_k", version 3 {
        /// The share of the pool that is drawn, rounded up.
        pub share: f64 = 0.5, "ours", 0.0..=1.0;
        /// What the share is of: of the `pool`, of the attempts at each `question`, or of those at
        /// the tasks of each `domain` (a file's column of that name).
        pub of: Budget = Budget::Pool, "ours";
        /// Whether rewards are put on one scale first: less the mean of the pool, over its
        /// deviation.
        pub normalise: bool = false, "none; Wettig et al. 2024, arXiv 2402.09739, section 3, do so before the temperature";
        /// 0 takes the highest rewards; a large one draws uniformly.
        pub temperature: f64 = 1.0, "ours", 0.0..=1000.0;
    }
}

/// What has a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Budget {
    /// All attempts together.
    Pool,
    /// The attempts at each question.
    Question,
    /// The attempts at the tasks of each domain.
    Domain,
}

impl Choose for GumbelTopK {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let noise = |candidate: &Candidate| {
            let uniform = key.of("gumbel").of(&candidate.trace.id).random().uniform();
            -(-(1.0 - uniform).ln()).ln()
        };
        let (mean, scale) = if self.normalise { scale(pool.iter().map(reward)) } else { (0.0, 1.0) };
        let value = |candidate: &Candidate| (reward(candidate) - mean) / scale + self.temperature * noise(candidate);
        let budgets = match self.of {
            Budget::Pool => vec![(0..pool.len()).collect()],
            Budget::Question => groups(&pool),
            Budget::Domain => domains(&pool),
        };
        let mut kept = vec![false; pool.len()];
        for places in budgets {
            let count = (self.share * places.len() as f64).ceil() as usize;
            let mut order: Vec<(f64, usize)> = places.into_iter().map(|place| (value(&pool[place]), place)).collect();
            order.sort_by(|(one, _), (other, _)| other.total_cmp(one));
            order.into_iter().take(count).for_each(|(_, place)| kept[place] = true);
        }
        let left = pool.into_iter().zip(kept);
        left.filter_map(|(candidate, kept)| kept.then_some(candidate)).collect()
    }
}

/// Mean and deviation; rewards that are all the same have the scale 1.
fn scale(rewards: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = rewards.clone().count().max(1) as f64;
    let mean = rewards.clone().sum::<f64>() / count;
    let deviation = (rewards.map(|reward| (reward - mean).powi(2)).sum::<f64>() / count).sqrt();
    (mean, if deviation > 0.0 { deviation } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, pool};

    #[test]
    fn without_temperature_the_highest_are_taken() {
        let taken = GumbelTopK { share: 0.5, temperature: 0.0, of: Budget::Pool, normalise: false }
            .choose(&Key::root(1), pool(&[("a", &[0.1, 0.9, 0.5, 0.6])]));
        assert_eq!(ids(&taken), ["1/a/1", "1/a/3"]);
    }

    #[test]
    fn every_question_may_have_a_budget_of_its_own() {
        let part = GumbelTopK { share: 0.5, temperature: 0.0, of: Budget::Question, normalise: false };
        let taken = part.choose(&Key::root(1), pool(&[("a", &[0.1, 0.2]), ("b", &[0.9, 0.8])]));
        assert_eq!(ids(&taken), ["1/a/1", "1/b/0"]);
    }

    #[test]
    fn every_domain_may_have_a_budget_of_its_own() {
        let mut attempts = pool(&[("a", &[0.9, 0.8]), ("b", &[0.7, 0.6]), ("c", &[0.1, 0.2])]);
        for candidate in &mut attempts {
            candidate.domain = if candidate.trace.task == "c" { "hard" } else { "easy" }.into();
        }
        let part = GumbelTopK { share: 0.5, temperature: 0.0, of: Budget::Domain, normalise: false };
        assert_eq!(ids(&part.choose(&Key::root(1), attempts)), ["1/a/0", "1/a/1", "1/c/1"]);
    }

    #[test]
    fn the_first_draw_follows_the_softmax_of_the_rewards() {
        let part = GumbelTopK { share: 0.5, temperature: 1.0, of: Budget::Pool, normalise: false };
        let first = |seed| ids(&part.choose(&Key::root(seed), pool(&[("a", &[1.0, 0.0])])))[0] == "1/a/0";
        let share = (0..4000).filter(|&seed| first(seed)).count() as f64 / 4000.0;
        let wanted = 1.0 / (1.0 + (-1f64).exp());
        assert!((share - wanted).abs() < 0.03, "{share} is not {wanted}");
    }

    #[test]
    fn rewards_on_one_scale_are_drawn_alike_whatever_their_unit() {
        let grades = [0.1, 0.4, 0.2, 0.9, 0.6, 0.3];
        let drawn = |unit: f64| {
            let scaled: Vec<f64> = grades.iter().map(|grade| 5.0 + unit * grade).collect();
            let part = GumbelTopK { normalise: true, ..GumbelTopK::default() };
            let left = part.choose(&Key::root(3), pool(&[("a", &scaled)]));
            left.iter().map(|candidate| candidate.trace.sample).collect::<Vec<u32>>()
        };
        assert_eq!(drawn(1.0), drawn(1000.0));
        assert_eq!(scale([2.0, 2.0].into_iter()), (2.0, 1.0));
    }
}
