use nouns::{Candidate, Choose, Key};

use crate::groups::{groups, reward};

recipe::part! {
    /// Orders questions from easy to hard by the mean reward of their attempts. The learner must
    /// keep the order (`order = "given"`). It stands before what thins a question's attempts out,
    /// or their mean is no measure of it.
    pub struct Curriculum = "curriculum", version 1 {
        /// Whether the hard ones come first.
        pub hard_first: bool = false, "Bengio et al. 2009, doi 10.1145/1553374.1553380: easy first";
    }
}

impl Choose for Curriculum {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let mean = |places: &Vec<usize>| {
            let rewards = places.iter().map(|&place| reward(&pool[place])).filter(|reward| reward.is_finite());
            rewards.sum::<f64>() / places.len() as f64
        };
        let mut order: Vec<(f64, Vec<usize>)> =
            groups(&pool).into_iter().map(|places| (mean(&places), places)).collect();
        order.sort_by(|(one, _), (other, _)| if self.hard_first { one.total_cmp(other) } else { other.total_cmp(one) });
        let mut pool: Vec<Option<Candidate>> = pool.into_iter().map(Some).collect();
        order.into_iter().flat_map(|(_, places)| places).filter_map(|place| pool[place].take()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, pool};

    #[test]
    fn questions_come_easy_first_and_stay_together() {
        let attempts = pool(&[("hard", &[0.0, 0.0]), ("easy", &[1.0, 1.0]), ("middling", &[0.0, 1.0])]);
        let ordered = Curriculum::default().choose(&Key::root(1), attempts);
        let wanted = ["1/easy/0", "1/easy/1", "1/middling/0", "1/middling/1", "1/hard/0", "1/hard/1"];
        assert_eq!(ids(&ordered), wanted);
    }
}
