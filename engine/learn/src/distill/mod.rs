//! Learning from what a teacher would say of every token.

mod divergence;
mod objective;

use faults::Outcome;
use models::Decoder;
use nouns::{Lesson, LessonKind, Stage, Stream, Update, Viewed};

pub use divergence::Divergence;

use crate::gradient::numbers;
use crate::reads::Reads;
use crate::student::Student;
use crate::takes::only;
use crate::training::learner;
use objective::{Said, Views};

learner! {
    /// Distillation: at every taught token the student's distribution is drawn to that of a teacher who reads the same answer, under
    /// a view of its own if the lesson has one. Whoever wrote the answers decides whether it is on-policy. The loss is the mean
    /// over tokens; what the teacher says is computed once, before the first step.
    pub struct Distill = "distill", version 1 {
        /// Peak learning rate.
        pub lr: f64 = 3e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones";
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours";
        /// The role of the teacher; without such a role, the base model (in `train` the reference).
        pub teacher: String = "teacher".into(), "ours";
        /// How far the student is from the teacher.
        pub divergence: Divergence = Divergence::JensenShannon, "Agarwal et al. 2023, arXiv 2306.13649, section 3.2";
        /// The teacher's share of the mixture in `jensen-shannon`.
        pub beta: f64 = 0.5, "Agarwal et al. 2023, arXiv 2306.13649, section 4";
        /// So many of the teacher's likeliest tokens are told apart, the others are one outcome; 0 tells all apart.
        pub top_k: usize = 64, "ours: the rest of a large vocabulary is nearly nothing";
    }
}

impl Distill {
    /// Learns from viewed answers: changes the student's weights.
    pub(crate) fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let viewed = only("distill", LessonKind::Viewed, lessons, |lesson| match lesson {
            Lesson::Viewed(viewed) => Some(viewed),
            _ => None,
        })?;
        let training = self.training();
        let teacher = student.teacher.as_ref().unwrap_or(&student.base);
        let said = viewed.iter().map(|viewed| self.said(teacher, viewed, training.micro_batch_tokens)).collect();
        training.descend(stage, student, &Views { settings: self, viewed, said })
    }

    /// What the teacher says of the taught tokens of an answer, as it sees it.
    fn said(&self, teacher: &Decoder, viewed: &Viewed, micro_batch_tokens: usize) -> Vec<Option<Said>> {
        let Viewed { stream, teacher: context } = viewed;
        let Some(first) = stream.weights.iter().position(|&weight| weight != 0.0) else {
            return vec![None; stream.tokens.len()];
        };
        let answer = &stream.tokens[first..];
        let seen = Stream::new(stream.trace.clone(), context, answer, 1.0);
        let found = numbers(teacher, &[&seen], Reads::Distributions, micro_batch_tokens);
        let vocabulary = found[0].len() / seen.tokens.len();
        let of = |place: usize| {
            let row = context.len() + place - first;
            (place >= first && stream.weights[place] != 0.0)
                .then(|| Said::of(&found[0][row * vocabulary..][..vocabulary], self.top_k))
        };
        (0..stream.tokens.len()).map(|place| if place < first { None } else { of(place) }).collect()
    }
}
