use nouns::{Candidate, Choose, Key, LessonKind, Teaching};

recipe::part! {
    /// Gives every attempt to a teacher, whose prompt may say more than the student's. The teacher
    /// reads it under what it was generated under, the student under what it is to be trained under
    /// (a hint, for example, is seen by the teacher alone).
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
