use nouns::{Candidate, Choose, Key, LessonKind, Teaching};

use crate::groups::{reward, settled};

recipe::part! {
    /// Labels every attempt wanted or unwanted by its reward, for learning without pairs. A reward
    /// is 1 for right, 0 for wrong, and a grade as it is.
    pub struct Label = "label", version 1 {
        /// Rewards above this are wanted, others unwanted.
        pub above: f64 = 0.5, "ours: what is right is wanted";
    }
}

impl Choose for Label {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let label = |candidate: Candidate| {
            let wanted = reward(&candidate) > self.above;
            Candidate { teaching: if wanted { Teaching::Desirable } else { Teaching::Undesirable }, ..candidate }
        };
        settled(pool).into_iter().map(label).collect()
    }

    fn makes(&self) -> Option<LessonKind> {
        Some(LessonKind::Judged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::pool;

    #[test]
    fn what_is_above_the_level_is_wanted() {
        let labelled = Label::default().choose(&Key::root(1), pool(&[("a", &[1.0, 0.5, 0.0, f64::NAN])]));
        let teachings: Vec<Teaching> = labelled.iter().map(|candidate| candidate.teaching).collect();
        assert_eq!(teachings, [Teaching::Desirable, Teaching::Undesirable, Teaching::Undesirable]);
    }
}
