use std::collections::HashMap;

use nouns::{Candidate, Choose, Key};

recipe::part! {
    /// Keeps a limited number of attempts for each task, drawn at random. So easy tasks do not
    /// outnumber the hard ones.
    pub struct Cap = "cap", version 1 {
        /// At most this many per task.
        pub per_task: usize = 10, "ReST-EM, arXiv 2312.06585, section 4: at most ten solutions per problem", 1..=100_000;
    }
}

impl Choose for Cap {
    fn choose(&self, key: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, candidate) in pool.iter().enumerate() {
            places.entry(candidate.trace.task.clone()).or_default().push(place);
        }
        let mut kept = vec![false; pool.len()];
        for (task, mut places) in places {
            key.of("cap").of(&task).random().shuffle(&mut places);
            places.into_iter().take(self.per_task).for_each(|place| kept[place] = true);
        }
        pool.into_iter().zip(kept).filter_map(|(candidate, kept)| kept.then_some(candidate)).collect()
    }
}
