use nouns::{Candidate, Choose, Key};

use crate::groups::{groups, reward, settled};

recipe::part! {
    /// Keeps the best attempts at each question by their reward. A reward is 1 for right, 0 for
    /// wrong, and a grade as it is; equals are drawn among. It is a rank, and no bound that every
    /// question would have to reach.
    pub struct Top = "top", version 1 {
        /// At most this many per question.
        pub per_question: usize = 1, "Huang et al. 2024, arXiv 2412.01951, section 3.1: the best of N";
    }
}

impl Choose for Top {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let mut kept = vec![false; pool.len()];
        for mut places in groups(&pool) {
            let (task, shown) = pool[places[0]].question();
            key.of("top").of(&task).of(&shown).random().shuffle(&mut places);
            places.sort_by(|&one, &other| reward(&pool[other]).total_cmp(&reward(&pool[one])));
            places.into_iter().take(self.per_question).for_each(|place| kept[place] = true);
        }
        pool.into_iter().zip(kept).filter_map(|(candidate, kept)| kept.then_some(candidate)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{graded, ids, pool};

    #[test]
    fn every_question_keeps_its_best_however_bad_they_are() {
        let pool = pool(&[("a", &[0.2, 0.9, 0.4]), ("b", &[-3.0, -1.0, f64::NAN])]);
        let kept = |per_question| ids(&Top { per_question }.choose(&Key::root(1), pool.clone())).join(" ");
        assert_eq!(kept(1), "1/a/1 1/b/1");
        assert_eq!(kept(2), "1/a/1 1/a/2 1/b/0 1/b/1");
    }

    #[test]
    fn equals_are_drawn_and_a_question_does_not_depend_on_its_company() {
        let equal = [1.0; 4];
        let drawn = |seed: u64| ids(&Top::default().choose(&Key::root(seed), pool(&[("a", &equal)]))).join("");
        assert!((1..9).any(|seed| drawn(seed) != drawn(0)), "always the same of four equals");
        let beside = Top::default().choose(&Key::root(0), pool(&[("b", &equal), ("a", &equal)]));
        assert_eq!(ids(&beside[1..]).join(""), drawn(0));
    }

    /// Questions of 64 possible answers of which the likeliest has the probability `1 / coverage`:
    /// draws that it takes until it is among them, and so kept, for nine questions in ten.
    fn draws_needed(coverage: f64) -> u32 {
        const QUESTIONS: u64 = 400;
        let first_seen = |question: u64| {
            let mut random = Key::root(11).of("coverage").at(question).at(coverage as u64).random();
            let mut drawn = Vec::new();
            loop {
                // The others share what is left, so that none of them is likelier.
                let likeliest = random.uniform() < 1.0 / coverage;
                let answer = if likeliest { 0 } else { 1 + random.below(63) };
                let likelihood = if likeliest { 1.0 / coverage } else { (1.0 - 1.0 / coverage) / 63.0 };
                drawn.push(graded("q", answer as u32, likelihood.ln()));
                if likeliest {
                    let kept = Top::default().choose(&Key::root(1), drawn.clone());
                    assert_eq!(kept[0].trace.sample, 0, "of all that was drawn the likeliest is kept");
                    return drawn.len() as u32;
                }
            }
        };
        let mut needed: Vec<u32> = (0..QUESTIONS).map(first_seen).collect();
        needed.sort_unstable();
        needed[QUESTIONS as usize * 9 / 10]
    }

    #[test]
    fn the_draws_that_find_the_likeliest_answer_grow_with_its_rarity() {
        // (1 - 1/C)^N = 0.1, so N is about C ln 10: Huang et al. 2024, arXiv 2412.01951, theorem 4.1.
        for coverage in [4.0, 16.0, 48.0] {
            let (found, theory) = (f64::from(draws_needed(coverage)), 0.1f64.ln() / (1.0 - 1.0 / coverage).ln());
            assert!((found / theory - 1.0).abs() < 0.3, "{coverage}: {found} draws, the theory says {theory}");
        }
    }
}
