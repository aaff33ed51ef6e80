use nouns::{Candidate, Choose, Finish, Key};

recipe::part! {
    /// Leaves out the attempts that were cut off at the limit of tokens. That they are wrong says
    /// little about what they wrote (Yu et al. 2025, arXiv 2503.14476, section 3.4, overlong
    /// filtering).
    pub struct Finished = "finished", version 1 {}
}

impl Choose for Finished {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        pool.into_iter().filter(|candidate| candidate.trace.finish == Finish::Stop).collect()
    }
}
