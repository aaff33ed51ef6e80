use nouns::{Candidate, Choose, Key};

use crate::groups::{groups, reward, settled};

recipe::part! {
    /// Draws attempts without replacement, each with probability proportional to `exp(reward / temperature)` among those
    /// left: the largest of reward over temperature plus Gumbel noise (Kool et al. 2019, arXiv 1903.06059).
    pub struct GumbelTopK = "gumbel_top_k", version 1 {
        /// The share of the pool that is drawn, rounded up.
        pub share: f64 = 0.5, "ours";
        /// Whether every question has its own budget, the same share of its attempts.
        pub per_question: bool = false, "ours";
        /// 0 takes the highest rewards, a large one draws evenly.
        pub temperature: f64 = 1.0, "ours";
    }
}

impl Choose for GumbelTopK {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let noise = |candidate: &Candidate| {
            let uniform = key.of("gumbel").of(&candidate.trace.id).random().uniform();
            -(-(1.0 - uniform).ln()).ln()
        };
        let value = |candidate: &Candidate| reward(candidate) + self.temperature * noise(candidate);
        let budgets = if self.per_question { groups(&pool) } else { vec![(0..pool.len()).collect()] };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, pool};

    #[test]
    fn without_temperature_the_highest_are_taken() {
        let taken = GumbelTopK { share: 0.5, temperature: 0.0, per_question: false }
            .choose(&Key::root(1), pool(&[("a", &[0.1, 0.9, 0.5, 0.6])]));
        assert_eq!(ids(&taken), ["1/a/1", "1/a/3"]);
    }

    #[test]
    fn every_question_may_have_a_budget_of_its_own() {
        let part = GumbelTopK { share: 0.5, temperature: 0.0, per_question: true };
        let taken = part.choose(&Key::root(1), pool(&[("a", &[0.1, 0.2]), ("b", &[0.9, 0.8])]));
        assert_eq!(ids(&taken), ["1/a/1", "1/b/0"]);
    }

    #[test]
    fn the_first_draw_follows_the_softmax_of_the_rewards() {
        let part = GumbelTopK { share: 0.5, temperature: 1.0, per_question: false };
        let first = |seed| ids(&part.choose(&Key::root(seed), pool(&[("a", &[1.0, 0.0])])))[0] == "1/a/0";
        let share = (0..4000).filter(|&seed| first(seed)).count() as f64 / 4000.0;
        let wanted = 1.0 / (1.0 + (-1f64).exp());
        assert!((share - wanted).abs() < 0.03, "{share} is not {wanted}");
    }
}
