use nouns::{Candidate, Choose, Key};

use crate::groups::{groups, reward, settled};

recipe::part! {
    /// Keeps the questions whose attempts differ most in reward: there is most to be learned.
    /// Questions are drawn without replacement with probability proportional to
    /// `exp(kappa * variance)` among those left, and keep all of their attempts. With a memory of
    /// rounds this is a priority buffer.
    pub struct Learnable = "learnable", version 1 {
        /// At most this many questions.
        pub questions: usize = 512, "Jiang et al. 2025, arXiv 2509.04575, appendix: the buffer of the mathematical tasks";
        /// How strongly variance decides; 0 draws uniformly, a very large one takes the highest.
        pub kappa: f64 = 20.0, "ours: a variance is at most one quarter", 0.0..=1e9;
    }
}

impl Choose for Learnable {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let value = |places: &Vec<usize>| {
            let (task, shown) = pool[places[0]].question();
            let uniform = key.of("learnable").of(&task).of(&shown).random().uniform();
            self.kappa * variance(places.iter().map(|&place| reward(&pool[place]))) - (-(1.0 - uniform).ln()).ln()
        };
        let mut order: Vec<(f64, Vec<usize>)> =
            groups(&pool).into_iter().map(|places| (value(&places), places)).collect();
        order.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let mut kept = vec![false; pool.len()];
        order.iter().take(self.questions).flat_map(|(_, places)| places).for_each(|&place| kept[place] = true);
        pool.into_iter().zip(kept).filter_map(|(candidate, kept)| kept.then_some(candidate)).collect()
    }
}

fn variance(rewards: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = rewards.clone().count().max(1) as f64;
    let mean = rewards.clone().sum::<f64>() / count;
    rewards.map(|reward| (reward - mean).powi(2)).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, pool};

    #[test]
    fn the_questions_that_are_neither_easy_nor_hopeless_stay() {
        let attempts = pool(&[("easy", &[1.0, 1.0]), ("even", &[1.0, 0.0]), ("hopeless", &[0.0, 0.0])]);
        let part = Learnable { questions: 1, kappa: 1e6 };
        assert_eq!(ids(&part.choose(&Key::root(1), attempts.clone())), ["1/even/0", "1/even/1"]);
        let drawn = |seed| {
            ids(&Learnable { kappa: 0.0, ..part.clone() }.choose(&Key::root(seed), attempts.clone()))[0].to_owned()
        };
        let easy = (0..600).filter(|&seed| drawn(seed) == "1/easy/0").count();
        assert!((150..250).contains(&easy), "{easy} of 600: without kappa all are drawn alike");
    }
}
