use faults::Outcome;
use nouns::{Lesson, LessonKind, Stage, Stream, Update};
use serde::{Deserialize, Serialize};

use crate::objective::{Batch, Objective, Term, log_likelihood, spread};
use crate::reads::Reads;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};

learner! {
    /// Fine-tunes on the chosen answers (supervised fine-tuning). The loss is the masked
    /// cross-entropy over the taught tokens of a batch, `- sum(w · log p)`, divided by the sum of
    /// the weights (`per = "token"`), or by that of each answer before the answers are averaged
    /// (`per = "sequence"`).
    pub struct Imitate = "imitate", version 4, lr 1e-3, "ours, for models of about a million parameters; use 1e-5 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 2.0, "ours", 0.0..=100_000.0;
        /// Average over all tokens of a batch (`token`), or over answers (`sequence`).
        pub per: Per = Per::Token, "ours: the usual mean over tokens";
        /// Weight of the squared log-partition of the softmax, which keeps logits from drifting
        /// (z-loss).
        pub z_loss: f64 = 0.0, "none; Chowdhery et al. 2022, arXiv 2204.02311, section 5, take 1e-4", 0.0..=1e6;
        /// Whether token entropy and token accuracy are reported, which takes another pass through
        /// the head.
        pub figures: bool = false, "ours";
    }
}

/// What a batch's loss is averaged over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Every token.
    Token,
    /// Every answer.
    Sequence,
}

impl LearnerSettings for Imitate {
    fn takes(&self) -> LessonKind {
        LessonKind::Stream
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let streams = only("imitate", LessonKind::Stream, lessons, |lesson| match lesson {
            Lesson::Stream(stream) => Some(stream),
            _ => None,
        })?;
        let taught = streams.into_iter().filter(|stream| stream.taught() > 0).collect();
        let update = self.training().descend(stage, student, &self.objective(taught))?;
        Ok(Update { lessons: lessons.len() as u64, ..update })
    }
}

impl Imitate {
    /// The loss over these answers.
    pub(crate) fn objective<'a>(&'a self, streams: Vec<&'a Stream>) -> CrossEntropy<'a> {
        CrossEntropy { settings: self, streams }
    }
}

/// The objective over answers to imitate.
pub(crate) struct CrossEntropy<'a> {
    settings: &'a Imitate,
    streams: Vec<&'a Stream>,
}

impl CrossEntropy<'_> {
    /// A stream's strongest weight: what it weighs where answers weigh the same.
    fn weight(stream: &Stream) -> f64 {
        stream.weights.iter().map(|&w| f64::from(w)).fold(0.0, f64::max)
    }
}

impl Objective for CrossEntropy<'_> {
    fn reads(&self) -> Reads {
        let Imitate { z_loss, figures, .. } = *self.settings;
        Reads::Figures { divisor: z_loss != 0.0, beside: figures }
    }

    fn lessons(&self) -> usize {
        self.streams.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![self.streams[lesson]]
    }

    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        let mass = |&lesson: &usize| match self.settings.per {
            Per::Token => self.streams[lesson].mass(),
            Per::Sequence => Self::weight(self.streams[lesson]),
        };
        Batch { total: lessons.iter().map(mass).sum(), level: 0.0 }
    }

    fn term(&self, lesson: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term {
        let stream = self.streams[lesson];
        let Imitate { z_loss, figures, .. } = *self.settings;
        let length = stream.tokens.len();
        let gradient = match self.settings.per {
            Per::Token => -1.0 / batch.total,
            Per::Sequence => -Self::weight(stream) / (stream.mass() * batch.total),
        };
        // What is read stands in planes of the stream's length, one after the other.
        let mut planes = seen[0].chunks(length);
        let log_probs = planes.next().unwrap_or_default();
        let mut term = Term { loss: gradient * log_likelihood(stream, log_probs), ..Term::default() };
        let mut gradients = spread(stream, gradient);
        if z_loss != 0.0 {
            let divisors = planes.next().unwrap_or_default();
            for (&weight, divisor) in stream.weights.iter().zip(divisors) {
                let share = -gradient * f64::from(weight) * z_loss;
                term.loss += share * divisor * divisor;
                gradients.push(2.0 * share * divisor);
            }
        }
        if figures {
            for (name, plane) in ["entropy", "mean_token_accuracy"].into_iter().zip(planes) {
                let taught = stream.weights.iter().zip(plane).filter(|(weight, _)| **weight != 0.0);
                term.metrics.extend(taught.map(|(_, &figure)| (name, figure, 1.0)));
            }
        }
        gradients.resize(seen[0].len(), 0.0);
        term.gradients = vec![gradients];
        term
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
        let settings = Imitate { per, ..Imitate::default() };
        let objective = CrossEntropy { settings: &settings, streams: streams.iter().collect() };
        let batch = objective.batch(&[0, 1], &|_| Vec::new());
        let at = [vec![vec![0.0, -1.0, -2.0, -3.0]], vec![vec![0.0, -7.0, -4.0]]];
        check::gradients(&objective, &at);
        (0..2).map(|lesson| objective.term(lesson, &batch, &at[lesson]).loss).sum()
    }

    #[test]
    fn the_divisor_is_drawn_to_one_in_the_same_mean() {
        let streams = streams();
        for per in [Per::Token, Per::Sequence] {
            let settings = Imitate { per, z_loss: 0.1, ..Imitate::default() };
            let plain = Imitate { per, ..Imitate::default() };
            let term = |settings: &Imitate, divisors: &[f64]| {
                let objective = CrossEntropy { settings, streams: streams.iter().collect() };
                let at = [&[0.0, -1.0, -2.0, -3.0], divisors].concat();
                objective.term(0, &objective.batch(&[0, 1], &|_| Vec::new()), &[at]).loss
            };
            let own = term(&settings, &[9.0, 0.5, -1.0, 2.0]) - term(&plain, &[]);
            let wanted = 0.1 * (0.25 + 1.0 + 4.0) / if per == Per::Token { 3.5 } else { 3.0 * 1.5 };
            assert!((own - wanted).abs() < 1e-12, "{per:?}: {own} is not {wanted}");
            let objective = CrossEntropy { settings: &settings, streams: streams.iter().collect() };
            let at = |n: usize| (0..2 * n).map(|i| 0.3 * i as f64 - 1.0).collect::<Vec<f64>>();
            check::gradients(&objective, &[vec![at(4)], vec![at(3)]]);
        }
    }

    #[test]
    fn tokens_or_answers_weigh_the_same() {
        assert!((losses(Per::Token) - (6.0 + 0.5 * 4.0) / 3.5).abs() < 1e-12);
        assert!((losses(Per::Sequence) - (2.0 + 0.5 * 4.0) / 1.5).abs() < 1e-12);
    }
}
