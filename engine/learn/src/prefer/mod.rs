//! Learning from preferences between two answers.

mod losses;
mod pairs;

use faults::Outcome;
use nouns::{Lesson, LessonKind, Stage, Update};
use serde::{Deserialize, Serialize};

pub use losses::Loss;

use crate::ema::EmaSchedule;
use crate::fault::LearnFault;
use crate::reference::Reference;
use crate::reference_scores::ReferenceScores;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};
use pairs::Pairs;

learner! {
    /// Trains the model to prefer one of two answers to a question (DPO and its relatives). `h` is
    /// the log-likelihood of the chosen answer over that of the rejected one, each relative to a
    /// reference model if there is one; `loss` is a function of it. A batch's loss is the mean over
    /// its pairs. Reference log-probabilities are computed once, before the first step, unless the
    /// reference is mixed with what is learned.
    pub struct Prefer = "prefer", version 3, lr 1e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours", 0.0..=100_000.0;
        /// The loss as a function of the preference `h`: `sigmoid`, `hinge`, `ipo`, `robust`,
        /// `squared` or `odds`.
        pub loss: Loss = Loss::Sigmoid, "Rafailov et al. 2023, arXiv 2305.18290, equation 7";
        /// Strength of the preference: larger keeps nearer to the reference; for `odds` the weight
        /// of the term.
        pub beta: f64 = 0.1, "Rafailov et al. 2023, arXiv 2305.18290, appendix B";
        /// By how much `beta h` is to exceed 0, for `sigmoid`.
        pub margin: f64 = 0.0, "none; Meng et al. 2024, arXiv 2405.14734, calls it gamma";
        /// Share of the pairs that are assumed to be flipped (label smoothing), for `sigmoid` and
        /// `robust`; below 0.5.
        pub smoothing: f64 = 0.0, "none", 0.0..=1.0;
        /// Whether likelihoods are means over tokens instead of sums. `ipo` and `odds` always take
        /// means.
        pub per_token: bool = false, "Rafailov et al. 2023: sums";
        /// Weight of the chosen answer's mean negative log-likelihood, so that its likelihood does
        /// not fall.
        pub nll: f64 = 0.0, "none; Pang et al. 2024, arXiv 2404.19733, adds 1";
        /// What that likelihood is a mean over.
        pub nll_over: Likelihood = Likelihood::Answers, "Pang et al. 2024, arXiv 2404.19733, equation 1";
        /// The reference model: `base`, `previous`, `average` or `none`.
        pub reference: Reference = Reference::Base, "Rafailov et al. 2023: the model before preferences are learned";
        /// Every this many steps the reference model is mixed with the trained one; 0 never does.
        pub mix_every: u32 = 0, "none; Gorbatovski et al. 2024, arXiv 2404.09656; TRL 1.16 takes 512 steps";
        /// Share of the trained model in the mixture.
        pub mix: f64 = 0.6, "TRL 1.16", 0.0..=1.0;
    }
}

/// What the likelihood of chosen answers is a mean over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likelihood {
    /// Each answer's tokens, then the answers.
    Answers,
    /// All tokens of the batch's answers (Xu et al. 2024, arXiv 2401.08417, as TRL does it).
    Tokens,
    /// All tokens of the batch's questions and answers: the prompts are learned too, as TRL's
    /// trainer for odds does it (in the paper they are not).
    WithPrompts,
}

impl LearnerSettings for Prefer {
    fn takes(&self) -> LessonKind {
        LessonKind::Pair
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let training = self.training();
        let streams: Vec<_> = lessons.iter().map(Lesson::streams).collect();
        let schedule = EmaSchedule { every: self.mix_every, share: self.mix, warm_up: false };
        let held = |decoder| ReferenceScores::new(decoder, &streams, schedule, training.micro_batch_tokens, student);
        let reference = self.reference.of(student).map(held).transpose()?;
        training.descend(stage, student, &self.objective(lessons, reference)?)
    }

    fn needs_average(&self) -> bool {
        self.reference == Reference::Average
    }

    fn needs_base(&self) -> bool {
        self.reference == Reference::Base
    }
}

impl Prefer {
    /// The loss over these pairs.
    pub(crate) fn objective<'a>(
        &'a self,
        lessons: &'a [Lesson],
        reference: Option<ReferenceScores>,
    ) -> Result<Pairs<'a>, LearnFault> {
        let pairs = only("prefer", LessonKind::Pair, lessons, |lesson| match lesson {
            Lesson::Pair(pair) => Some(pair),
            _ => None,
        })?;
        Ok(Pairs::new(self, pairs, reference))
    }
}
