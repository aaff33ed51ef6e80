use nouns::{Candidate, Choose, Key, LessonKind, Teaching};

recipe::part! {
    /// Makes every attempt, right or wrong, an answer that a teacher reads too: under what the attempt was generated under, while the
    /// student reads it under what it is to be trained under (a hint, for example, is seen by the teacher alone).
    pub struct Views = "views", version 1 {}
}

impl Choose for Views {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        pool.into_iter().map(|candidate| Candidate { teaching: Teaching::Viewed, ..candidate }).collect()
    }

    fn makes(&self) -> Option<LessonKind> {
        Some(LessonKind::Viewed)
    }
}
