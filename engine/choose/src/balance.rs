use std::collections::HashMap;

use nouns::{Candidate, Choose, Key};
use serde::{Deserialize, Serialize};

use crate::groups::reward;

recipe::part! {
    /// Weighs attempts so that tasks, or labels, count alike. Each counts by `kept^(power - 1)` per
    /// attempt: with power 0 each weighs the same however many attempts it has, with power 1 every
    /// attempt weighs the same. The mean weight is 1.
    pub struct Balance = "balance", version 1 {
        /// Between 0 (tasks or labels weigh the same) and 1 (attempts weigh the same).
        pub power: f32 = 0.0, "ours";
        /// What is balanced.
        pub over: Over = Over::Tasks, "ours";
    }
}

/// What weighs the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// Tasks.
    Tasks,
    /// The domains of tasks.
    Domains,
    /// What is rewarded with more than one half, and what is not.
    Labels,
    /// Tasks by how many of their attempts were kept: each count weighs the same, so that hard
    /// tasks are not outnumbered.
    Difficulty,
}

impl Choose for Balance {
    fn choose(&self, _: &Key, mut pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut kept: HashMap<String, usize> = HashMap::new();
        for candidate in &pool {
            *kept.entry(candidate.trace.task.clone()).or_default() += 1;
        }
        let bin = |c: &Candidate| match self.over {
            Over::Tasks => c.trace.task.clone(),
            Over::Domains => c.domain.clone(),
            Over::Labels => (reward(c) > 0.5).to_string(),
            Over::Difficulty => kept.get(&c.trace.task).copied().unwrap_or(0).to_string(),
        };
        let bins: Vec<String> = pool.iter().map(bin).collect();
        let mut counts: HashMap<&str, f32> = HashMap::new();
        for bin in &bins {
            *counts.entry(bin).or_default() += 1.0;
        }
        let weight = |bin: &String| counts.get(bin.as_str()).map_or(1.0, |count| count.powf(self.power - 1.0));
        let weights: Vec<f32> = bins.iter().map(weight).collect();
        let mean = weights.iter().sum::<f32>() / pool.len().max(1) as f32;
        for (candidate, weight) in pool.iter_mut().zip(weights) {
            candidate.weight *= weight / mean;
        }
        pool
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::pool;

    #[test]
    fn tasks_labels_or_difficulties_weigh_the_same() {
        let attempts = || pool(&[("a", &[1.0, 1.0, 0.0]), ("b", &[1.0])]);
        let weights = |over| {
            let weighed = Balance { over, ..Balance::default() }.choose(&Key::root(1), attempts());
            weighed.into_iter().map(|candidate| candidate.weight).collect::<Vec<f32>>()
        };
        assert_eq!(weights(Over::Tasks), [2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 2.0]);
        assert_eq!(weights(Over::Labels), [2.0 / 3.0, 2.0 / 3.0, 2.0, 2.0 / 3.0]);
        assert_eq!(weights(Over::Difficulty), [2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 2.0]);
    }
}
