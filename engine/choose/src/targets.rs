use nouns::{At, Candidate, Choose, Key, LessonKind, Teaching};

use crate::groups::{reward, settled};

recipe::part! {
    /// Turns every attempt's reward into the value that a scoring model learns. A reward is 1 for
    /// right, 0 for wrong, and a grade as it is.
    pub struct Targets = "targets", version 1 {
        /// The tokens of the answer at which the value is learned: `end`, `steps` or `every`.
        pub at: At = At::End, "Cobbe et al. 2021, arXiv 2110.14168, figure 6: at every token helps a little";
    }
}

impl Choose for Targets {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let valued = |candidate: Candidate| {
            let teaching = Teaching::Valued { value: reward(&candidate), at: self.at };
            Candidate { teaching, ..candidate }
        };
        settled(pool).into_iter().map(valued).collect()
    }

    fn makes(&self) -> Option<LessonKind> {
        Some(LessonKind::Valued)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::pool;

    #[test]
    fn what_could_not_be_judged_has_no_value() {
        let valued = Targets::default().choose(&Key::root(1), pool(&[("a", &[1.0, f64::NAN, 0.25])]));
        let values: Vec<Teaching> = valued.iter().map(|candidate| candidate.teaching).collect();
        assert_eq!(values, [1.0, 0.25].map(|value| Teaching::Valued { value, at: At::End }));
    }
}
