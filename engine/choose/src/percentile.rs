use nouns::{Candidate, Choose, Key};

use crate::groups::{groups, reward, settled};

recipe::part! {
    /// Keeps the attempts with the highest rewards: a share of all, or of each question's. A reward
    /// is 1 for right, 0 for wrong, and a grade as it is. Equals are drawn among.
    pub struct Percentile = "percentile", version 1 {
        /// The share that is kept, rounded up.
        pub share: f64 = 0.25, "ours", 0.0..=1.0;
        /// Whether the share is taken of every question's attempts by themselves.
        pub per_question: bool = false, "ours";
    }
}

impl Choose for Percentile {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let groups = if self.per_question { groups(&pool) } else { vec![(0..pool.len()).collect()] };
        let mut kept = vec![false; pool.len()];
        for mut places in groups {
            let named = places.first().filter(|_| self.per_question).map(|&place| pool[place].question());
            let own = named.map_or_else(|| key.clone(), |(task, shown)| key.of(&task).of(&shown));
            own.of("percentile").random().shuffle(&mut places);
            places.sort_by(|&one, &other| reward(&pool[other]).total_cmp(&reward(&pool[one])));
            let count = (self.share * places.len() as f64).ceil() as usize;
            places.into_iter().take(count).for_each(|place| kept[place] = true);
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
    fn the_best_share_of_all_or_of_every_question_is_kept_in_order() {
        let attempts = || pool(&[("a", &[0.1, 0.4, 0.9]), ("b", &[0.8, 0.7, 0.2])]);
        let of_all = Percentile { share: 0.5, per_question: false }.choose(&Key::root(1), attempts());
        assert_eq!(ids(&of_all), ["1/a/2", "1/b/0", "1/b/1"]);
        let of_each = Percentile { share: 0.3, per_question: true }.choose(&Key::root(1), attempts());
        assert_eq!(ids(&of_each), ["1/a/2", "1/b/0"]);
    }
}
