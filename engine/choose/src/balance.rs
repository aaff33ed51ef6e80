use std::collections::HashMap;

use nouns::{Candidate, Choose, Key};

recipe::part! {
    /// Weighs attempts so that a task counts by `kept^(power - 1)` per attempt: with power 0 every task weighs the same
    /// however many of its attempts are kept, with power 1 every attempt weighs the same. The mean weight is 1.
    pub struct Balance = "balance", version 1 {
        /// Between 0 (tasks weigh the same) and 1 (attempts weigh the same).
        pub power: f32 = 0.0, "ours";
    }
}

impl Choose for Balance {
    fn choose(&self, _: &Key, mut pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut counts: HashMap<String, f32> = HashMap::new();
        for candidate in &pool {
            *counts.entry(candidate.trace.task.clone()).or_default() += 1.0;
        }
        let weight = |c: &Candidate| counts.get(&c.trace.task).map_or(1.0, |kept| kept.powf(self.power - 1.0));
        let mean = pool.iter().map(weight).sum::<f32>() / pool.len().max(1) as f32;
        for candidate in &mut pool {
            candidate.weight *= weight(candidate) / mean;
        }
        pool
    }
}
