use std::collections::BTreeMap;

use nouns::{Candidate, Choose, Key, Teaching};

use crate::groups::groups;

recipe::part! {
    /// Makes unusual attempts count more; stands after `advantages`. Advantages are multiplied by
    /// the distance from the middle of the question's attempts, over the spread of these distances;
    /// where all are equally far, they stay. It is a factor and no bonus of its own: what is worth
    /// nothing gets nothing for being odd.
    pub struct Novelty = "novelty", version 1 {
        /// Attempts are compared by their counts of n-grams of this many tokens.
        pub run: usize = 2, "ours: Jiang et al. 2025, arXiv 2509.04575, section 4, compare embeddings of a model";
    }
}

/// Runs of tokens with their weight; of length 1.
type Place = BTreeMap<Vec<u32>, f64>;

impl Choose for Novelty {
    fn choose(&self, _: &Key, mut pool: Vec<Candidate>) -> Vec<Candidate> {
        for members in groups(&pool) {
            let places: Vec<Place> = members.iter().map(|&member| self.place(&pool[member].trace.tokens)).collect();
            let factors = factors(&places);
            for (&member, factor) in members.iter().zip(factors) {
                if let Teaching::Reinforced { advantage, .. } = &mut pool[member].teaching {
                    *advantage *= factor;
                }
            }
        }
        pool
    }
}

impl Novelty {
    fn place(&self, tokens: &[u32]) -> Place {
        let mut place = Place::new();
        for run in tokens.windows(self.run.clamp(1, tokens.len().max(1))) {
            *place.entry(run.to_vec()).or_default() += 1.0;
        }
        let length = place.values().map(|count| count * count).sum::<f64>().sqrt();
        place.values_mut().for_each(|count| *count /= length);
        place
    }
}

/// The distance of each from the middle of all, over the spread of the distances; 1 where there is
/// no spread.
fn factors(places: &[Place]) -> Vec<f64> {
    let mut middle = Place::new();
    for (run, weight) in places.iter().flatten() {
        *middle.entry(run.clone()).or_default() += weight / places.len() as f64;
    }
    let far = |place: &Place| {
        let square = |(run, mean): (&Vec<u32>, &f64)| (place.get(run).copied().unwrap_or(0.0) - mean).powi(2);
        middle.iter().map(square).sum::<f64>().sqrt()
    };
    let distances: Vec<f64> = places.iter().map(far).collect();
    let bound = |start: f64, pick: fn(f64, f64) -> f64| distances.iter().copied().fold(start, pick);
    let spread = bound(0.0, f64::max) - bound(f64::INFINITY, f64::min);
    if spread > 1e-9 { distances.iter().map(|distance| distance / spread).collect() } else { vec![1.0; places.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::said;
    use nouns::Verdict;

    fn credited(texts: &[(&str, f64)]) -> Vec<f64> {
        let one = |(sample, (text, advantage)): (usize, &(&str, f64))| Candidate {
            teaching: Teaching::Reinforced { advantage: *advantage, group: 0, kl_weight: 1.0 },
            ..said("a", sample as u32, text, Verdict::Right)
        };
        let chosen = Novelty { run: 1 }.choose(&Key::root(1), texts.iter().enumerate().map(one).collect());
        let advantage = |candidate: &Candidate| match candidate.teaching {
            Teaching::Reinforced { advantage, .. } => advantage,
            _ => f64::NAN,
        };
        chosen.iter().map(advantage).collect()
    }

    #[test]
    fn what_is_unlike_the_others_counts_more_and_nothing_stays_nothing() {
        // Unit vectors x, x, y: the middle is (2/3, 1/3), the distances √2/3, √2/3 and 2√2/3, their spread √2/3.
        let found = credited(&[("a", 1.0), ("a", -1.0), ("bb", 0.5)]);
        let near = |one: f64, other: f64| (one - other).abs() < 1e-12;
        assert!(near(found[0], 1.0) && near(found[1], -1.0) && near(found[2], 1.0), "{found:?}");
        assert_eq!(credited(&[("a", 1.0), ("a", -1.0), ("bb", 0.0)])[2], 0.0);
    }

    #[test]
    fn where_all_are_alike_credit_stays() {
        assert_eq!(credited(&[("a", 1.0), ("a", -1.0)]), [1.0, -1.0]);
    }
}
