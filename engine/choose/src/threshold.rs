use nouns::{Candidate, Choose, Key};

use crate::groups::{reward, settled};

recipe::part! {
    /// Keeps the attempts whose reward (right 1, wrong 0, graded its grade) reaches a bound.
    pub struct Threshold = "threshold", version 1 {
        /// The least reward that is kept.
        pub at_least: f64 = 0.5, "ours";
    }
}

impl Choose for Threshold {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        settled(pool).into_iter().filter(|candidate| reward(candidate) >= self.at_least).collect()
    }
}
