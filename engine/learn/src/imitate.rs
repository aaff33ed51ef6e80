use faults::Outcome;
use nouns::{Lesson, LessonKind, Stage, Stream, Update};
use serde::{Deserialize, Serialize};

use crate::objective::{Batch, Objective, Term, log_likelihood, spread};
use crate::student::Student;
use crate::takes::only;
use crate::training::learner;

learner! {
    /// Imitation: masked cross-entropy over the taught tokens of a batch, `- sum(w · log p)`, divided by the sum of the
    /// weights (`per = "token"`), or by that of each answer before the answers are averaged (`per = "sequence"`).
    pub struct Imitate = "imitate", version 2 {
        /// Peak learning rate.
        pub lr: f64 = 1e-3, "ours, for models of about a million parameters; use 1e-5 for pretrained ones";
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 2.0, "ours";
        /// What weighs the same: every token, or every answer however long.
        pub per: Per = Per::Token, "ours: the usual mean over tokens";
    }
}

/// What weighs the same in a mean over answers of different lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Every token.
    Token,
    /// Every answer.
    Sequence,
}

impl Imitate {
    /// Learns from the lessons: changes the student's weights.
    pub(crate) fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let streams = only("imitate", LessonKind::Stream, lessons, |lesson| match lesson {
            Lesson::Stream(stream) => Some(stream),
            _ => None,
        })?;
        let taught = streams.into_iter().filter(|stream| stream.taught() > 0).collect();
        let update = self.training().descend(stage, student, &CrossEntropy { per: self.per, streams: taught })?;
        Ok(Update { lessons: lessons.len() as u64, ..update })
    }
}

struct CrossEntropy<'a> {
    per: Per,
    streams: Vec<&'a Stream>,
}

impl CrossEntropy<'_> {
    /// A stream's strongest weight: what it weighs where answers weigh the same.
    fn weight(stream: &Stream) -> f64 {
        stream.weights.iter().map(|&w| f64::from(w)).fold(0.0, f64::max)
    }
}

impl Objective for CrossEntropy<'_> {
    fn lessons(&self) -> usize {
        self.streams.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![self.streams[lesson]]
    }

    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        let mass = |&lesson: &usize| match self.per {
            Per::Token => self.streams[lesson].mass(),
            Per::Sequence => Self::weight(self.streams[lesson]),
        };
        Batch { total: lessons.iter().map(mass).sum(), level: 0.0 }
    }

    fn term(&self, lesson: usize, batch: &Batch, log_probs: &[Vec<f64>]) -> Term {
        let stream = self.streams[lesson];
        let slope = match self.per {
            Per::Token => -1.0 / batch.total,
            Per::Sequence => -Self::weight(stream) / (stream.mass() * batch.total),
        };
        let loss = slope * log_likelihood(stream, &log_probs[0]);
        Term { loss, slopes: vec![spread(stream, slope)], metrics: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn streams() -> [Stream; 2] {
        [Stream::new("a", &[1], &[2, 3, 4], 1.0), Stream::new("b", &[1, 1], &[2], 0.5)]
    }

    fn losses(per: Per) -> f64 {
        let streams = streams();
        let objective = CrossEntropy { per, streams: streams.iter().collect() };
        let batch = objective.batch(&[0, 1], &|_| Vec::new());
        let at = [vec![vec![0.0, -1.0, -2.0, -3.0]], vec![vec![0.0, -7.0, -4.0]]];
        check::slopes(&objective, &at);
        (0..2).map(|lesson| objective.term(lesson, &batch, &at[lesson]).loss).sum()
    }

    #[test]
    fn tokens_or_answers_weigh_the_same() {
        assert!((losses(Per::Token) - (6.0 + 0.5 * 4.0) / 3.5).abs() < 1e-12);
        assert!((losses(Per::Sequence) - (2.0 + 0.5 * 4.0) / 1.5).abs() < 1e-12);
    }
}
