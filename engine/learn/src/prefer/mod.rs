//! Learning from preferences between two answers.

mod losses;
mod pairs;

use faults::Outcome;
use nouns::{Lesson, LessonKind, Stage, Update};

pub use losses::Loss;

use crate::fault::LearnFault;
use crate::reference::Reference;
use crate::student::Student;
use crate::takes::only;
use crate::training::learner;
use pairs::Pairs;

learner! {
    /// Preference optimization: of two answers to a question the model is to prefer one. `h` is the log-likelihood of the
    /// chosen answer over that of the rejected one, each relative to a reference model if there is one; `loss` says what
    /// is to become of it. A batch's loss is the mean over its pairs. Reference log-probabilities are computed once,
    /// before the first step.
    pub struct Prefer = "prefer", version 1 {
        /// Peak learning rate.
        pub lr: f64 = 1e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones";
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours";
        /// What is to become of the preference.
        pub loss: Loss = Loss::Sigmoid, "Rafailov et al. 2023, arXiv 2305.18290, equation 7";
        /// Strength of the preference: larger keeps nearer to the reference; for `odds` the weight of the term.
        pub beta: f64 = 0.1, "Rafailov et al. 2023, arXiv 2305.18290, appendix B";
        /// By how much `beta h` is to exceed 0, for `sigmoid`.
        pub margin: f64 = 0.0, "none; Meng et al. 2024, arXiv 2405.14734, calls it gamma";
        /// Share of the pairs that are thought to be the wrong way round, for `sigmoid` and `robust`; below 0.5.
        pub smoothing: f64 = 0.0, "none";
        /// Whether likelihoods are means over tokens instead of sums. `ipo` and `odds` always take means.
        pub per_token: bool = false, "Rafailov et al. 2023: sums";
        /// Weight of the chosen answer's mean negative log-likelihood, so that its likelihood does not fall.
        pub nll: f64 = 0.0, "none; Pang et al. 2024, arXiv 2404.19733, adds 1";
        /// What likelihoods are relative to.
        pub reference: Reference = Reference::Base, "Rafailov et al. 2023: the model before preferences are learned";
    }
}

impl Prefer {
    /// Learns from pairs: changes the student's weights.
    pub(crate) fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let training = self.training();
        let streams: Vec<_> = lessons.iter().flat_map(Lesson::streams).collect();
        let reference = self.reference.of(student).map(|decoder| training.scores(decoder, &streams));
        training.descend(stage, student, &self.objective(lessons, reference.as_deref())?)
    }

    /// The loss over these pairs. `reference` holds the reference's log-probabilities of the chosen and the rejected answer
    /// by turns, `[2 * pairs][length]`.
    pub(crate) fn objective<'a>(
        &'a self,
        lessons: &'a [Lesson],
        reference: Option<&[Vec<f64>]>,
    ) -> Result<Pairs<'a>, LearnFault> {
        let pairs = only("prefer", LessonKind::Pair, lessons, |lesson| match lesson {
            Lesson::Pair(pair) => Some(pair),
            _ => None,
        })?;
        Ok(Pairs::new(self, pairs, reference))
    }
}
