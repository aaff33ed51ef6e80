use nouns::{Candidate, Choose, Key};

recipe::part! {
    /// Keeps the attempts that are right. Graded and unsettled ones are not.
    pub struct KeepRight = "keep_right", version 1 {}
}

impl Choose for KeepRight {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        pool.into_iter().filter(|candidate| candidate.verdict.is_right() == Some(true)).collect()
    }
}
