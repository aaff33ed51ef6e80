use std::collections::HashSet;

use nouns::{Candidate, Choose, Key};

recipe::part! {
    /// Keeps the first of the attempts at a task that say the same, word for word.
    pub struct Dedupe = "dedupe", version 1 {}
}

impl Choose for Dedupe {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut seen = HashSet::new();
        let said = |c: &Candidate| {
            (
                c.trace.task.clone(),
                c.trace.trained_under.iter().map(|t| t.content.identity()).collect::<String>(),
                c.trace.answer.identity().into_owned(),
            )
        };
        pool.into_iter().filter(|candidate| seen.insert(said(candidate))).collect()
    }
}
