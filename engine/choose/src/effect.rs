use nouns::effect::{Seen, best_threshold, grid};
use nouns::{Candidate, Choose, Key};

use crate::groups::{groups, reward, settled};

recipe::part! {
    /// Keeps the attempts whose reward exceeds a threshold that is chosen anew in every round. It
    /// is the one with the greatest query effect over these questions, which asks for many
    /// different right answers and few others. A reward above one half is that of a right answer;
    /// where nothing is right, nothing is kept.
    pub struct Effect = "effect", version 1 {
        /// This many different right answers to a question are enough.
        pub target: f64 = 6.0, "Zeng et al. 2024, arXiv 2412.17256, section 4.1: 67,500 answers for 11,500 questions";
        /// The least threshold that is tried; with `highest` equal to it, the only one.
        pub lowest: f64 = -1.0, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// The greatest.
        pub highest: f64 = 1.0, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
        /// The step between them.
        pub step: f64 = 0.1, "Zeng et al. 2024, arXiv 2412.17256, section 4.2";
    }
}

impl Choose for Effect {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let seen = |place: usize| (reward(&pool[place]), pool[place].trace.answer.identity());
        let questions: Vec<Vec<Seen>> =
            groups(&pool).into_iter().map(|places| places.into_iter().map(seen).collect()).collect();
        let thresholds = grid(self.lowest, self.highest, self.step);
        let threshold = match best_threshold(&questions, &thresholds, self.target) {
            // Where nothing is right, no threshold serves: the lowest of many would teach what is wrong.
            Some((_, 0.0)) if thresholds.len() > 1 => return Vec::new(),
            Some((threshold, _)) => threshold,
            None => return pool,
        };
        pool.into_iter().filter(|candidate| reward(candidate) > threshold).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, pool};

    #[test]
    fn what_is_wrong_goes_where_enough_is_right_and_a_fixed_threshold_stays() {
        let pool = pool(&[("a", &[1.1, 0.9, 0.1, -0.15]), ("b", &[0.95, 0.05])]);
        let chosen = Effect { target: 2.0, ..Effect::default() }.choose(&Key::root(1), pool.clone());
        assert_eq!(ids(&chosen), ["1/a/0", "1/a/1", "1/b/0"]);
        let wrong = crate::pools::pool(&[("a", &[0.1, -0.1]), ("b", &[0.0])]);
        assert_eq!(Effect::default().choose(&Key::root(1), wrong), [], "there is nothing to learn from");
        let fixed = Effect { lowest: 0.0, highest: 0.0, ..Effect::default() };
        assert_eq!(ids(&fixed.choose(&Key::root(1), pool)), ["1/a/0", "1/a/1", "1/a/2", "1/b/0", "1/b/1"]);
    }
}
