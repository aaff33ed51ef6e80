use nouns::{Candidate, Choose, Key, LessonKind, Teaching};
use serde::{Deserialize, Serialize};

use crate::groups::{groups, reward, settled};

recipe::part! {
    /// Makes preference pairs among the attempts at a question, by their reward. A reward is 1 for
    /// right, 0 for wrong, and a grade as it is. An attempt may stand in several pairs; both sides
    /// never say the same.
    pub struct Pairs = "pairs", version 1 {
        /// Which attempts are paired.
        pub of: Of = Of::BestWorst, "Yuan et al. 2024, arXiv 2401.10020, section 2.2: the highest and the lowest";
        /// The chosen one's reward exceeds the rejected one's by more than this.
        pub margin: f64 = 0.0, "ours";
        /// The model whose attempts are preferred to those of all others, whatever their rewards (a
        /// teacher's, a reference's: Chen et al. 2024, arXiv 2401.01335); empty goes by the reward.
        pub model: String = String::new(), "ours: by the reward";
        /// At most this many pairs per question; 0 sets no limit.
        pub per_question: usize = 0, "ours: no limit";
    }
}

/// Which attempts are paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// One with the highest reward with one with the lowest, drawn among equals.
    BestWorst,
    /// The best half with the worst half, in a drawn order among equals: every attempt at most
    /// once.
    Once,
    /// Every attempt with every worse one, in a drawn order.
    All,
}

impl Choose for Pairs {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let pool = settled(pool);
        let mut chosen: Vec<Candidate> = Vec::new();
        let mut pair = 0;
        for places in groups(&pool) {
            let (task, shown) = pool[places[0]].question();
            for (better, worse) in self.of_question(&key.of("pairs").of(&task).of(&shown), &pool, places) {
                let side = |place: usize, teaching| Candidate { teaching, ..pool[place].clone() };
                chosen.push(side(better, Teaching::Chosen { pair }));
                chosen.push(side(worse, Teaching::Rejected { pair }));
                pair += 1;
            }
        }
        chosen
    }

    fn makes(&self) -> Option<LessonKind> {
        Some(LessonKind::Pair)
    }
}

impl Pairs {
    /// Every attempt of another model with one of the preferred model, which take turns.
    fn by_model(&self, pool: &[Candidate], places: &[usize]) -> Vec<(usize, usize)> {
        let (own, others): (Vec<usize>, Vec<usize>) =
            places.iter().partition(|&&place| pool[place].trace.model_name == self.model);
        let differ = |&(one, other): &(usize, usize)| pool[one].trace.answer != pool[other].trace.answer;
        let pairs = own.iter().cycle().copied().zip(others).filter(differ);
        let most = if self.per_question == 0 { usize::MAX } else { self.per_question };
        pairs.take(most).collect()
    }

    /// Places of a better and a worse attempt each.
    fn of_question(&self, key: &Key, pool: &[Candidate], mut places: Vec<usize>) -> Vec<(usize, usize)> {
        let mut random = key.random();
        random.shuffle(&mut places);
        if !self.model.is_empty() {
            return self.by_model(pool, &places);
        }
        places.sort_by(|&one, &other| reward(&pool[other]).total_cmp(&reward(&pool[one])));
        let count = places.len();
        let mut pairs: Vec<(usize, usize)> = match self.of {
            Of::BestWorst => vec![(places[0], places[count - 1])],
            Of::Once => (0..count / 2).map(|place| (places[place], places[count - 1 - place])).collect(),
            Of::All => {
                let below = |one: usize| places[one + 1..].iter().map(move |&other| (one, other));
                let all = (0..count).flat_map(below);
                let mut all: Vec<_> = all.map(|(one, other)| (places[one], other)).collect();
                random.shuffle(&mut all);
                all
            }
        };
        pairs.retain(|&(better, worse)| {
            let (better, worse) = (&pool[better], &pool[worse]);
            reward(better) - reward(worse) > self.margin && better.trace.answer != worse.trace.answer
        });
        if self.per_question > 0 {
            pairs.truncate(self.per_question);
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, pool};

    fn paired(part: Pairs, grades: &[f64]) -> Vec<(f64, f64)> {
        let chosen = part.choose(&Key::root(1), pool(&[("a", grades)]));
        let two = |two: &[Candidate]| {
            let (Teaching::Chosen { pair }, Teaching::Rejected { pair: other }) = (two[0].teaching, two[1].teaching)
            else {
                panic!("{two:?}")
            };
            assert_eq!(pair, other);
            (reward(&two[0]), reward(&two[1]))
        };
        chosen.chunks(2).map(two).collect()
    }

    #[test]
    fn the_best_is_paired_with_the_worst() {
        assert_eq!(paired(Pairs::default(), &[0.5, 0.9, 0.1, 0.3]), [(0.9, 0.1)]);
    }

    #[test]
    fn nothing_is_preferred_to_its_equal_nor_by_less_than_the_margin() {
        assert_eq!(paired(Pairs::default(), &[0.5, 0.5]), []);
        assert_eq!(paired(Pairs { margin: 0.5, ..Pairs::default() }, &[0.5, 0.9]), []);
        assert_eq!(paired(Pairs { of: Of::All, ..Pairs::default() }, &[0.5]), []);
    }

    #[test]
    fn every_attempt_stands_in_one_pair_or_in_every_pair_that_it_can() {
        assert_eq!(paired(Pairs { of: Of::Once, ..Pairs::default() }, &[4.0, 1.0, 3.0, 2.0]), [(4.0, 1.0), (3.0, 2.0)]);
        let mut all = paired(Pairs { of: Of::All, ..Pairs::default() }, &[1.0, 2.0, 2.0]);
        all.sort_by(|one, other| one.partial_cmp(other).expect("numbers"));
        assert_eq!(all, [(2.0, 1.0), (2.0, 1.0)]);
    }

    #[test]
    fn pairs_of_a_question_are_the_same_beside_other_questions() {
        let part = Pairs { of: Of::All, per_question: 2, ..Pairs::default() };
        let alone = part.choose(&Key::root(1), pool(&[("b", &[1.0, 2.0, 3.0])]));
        let beside = part.choose(&Key::root(1), pool(&[("a", &[1.0, 0.0]), ("b", &[1.0, 2.0, 3.0])]));
        assert_eq!(ids(&alone), ids(&beside[2..]));
    }

    #[test]
    fn answers_of_a_model_are_preferred_to_all_others_whatever_their_rewards() {
        let mut attempts = pool(&[("a", &[0.0, 1.0, 0.5, 0.25])]);
        attempts[0].trace.model_name = "reference".into();
        let part = Pairs { model: "reference".into(), ..Pairs::default() };
        let chosen = part.choose(&Key::root(1), attempts.clone());
        assert_eq!(chosen.len(), 6);
        for two in chosen.chunks(2) {
            assert!(matches!(two[0].teaching, Teaching::Chosen { .. }) && two[0].trace.model_name == "reference");
            assert!(matches!(two[1].teaching, Teaching::Rejected { .. }) && two[1].trace.model_name == "policy");
        }
        let capped = Pairs { per_question: 1, ..part.clone() };
        assert_eq!(capped.choose(&Key::root(1), attempts).len(), 2);
        assert!(part.choose(&Key::root(1), pool(&[("a", &[1.0, 0.0])])).is_empty(), "no attempt is that model's");
    }
}
