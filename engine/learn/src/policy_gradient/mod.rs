//! Learning from answers that the policy itself drew.

mod divergence;
mod rollouts;
mod surrogate;

use faults::Outcome;
use nouns::{Lesson, LessonKind, Stage, Update};
use serde::{Deserialize, Serialize};

pub use divergence::Estimator;
pub use surrogate::Ratio;
pub(crate) use surrogate::{Clip, Token};

use crate::ema::EmaSchedule;
use crate::fault::LearnFault;
use crate::reference::Reference;
use crate::reference_scores::ReferenceScores;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};
use rollouts::Rollouts;

/// How the loss is averaged over a batch of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mean {
    /// Every token of the batch (Yu et al. 2025, arXiv 2503.14476, section 3.3).
    Token,
    /// Every answer, its tokens averaged first (Shao et al. 2024, arXiv 2402.03300, equation 3):
    /// long answers are changed less per token.
    Sequence,
    /// Tokens are added up and divided by the constant `length`, answers averaged (Liu et al. 2025,
    /// arXiv 2503.20783, section 3.2): no answer's length changes what a token weighs.
    Total,
}

/// Where the divergence from the reference is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charge {
    /// As a term of the loss, token by token.
    Loss,
    /// Taken off an answer's reward when it was drawn (its tokens' estimates added up), against the
    /// mean of the other answers to its question: for advantages against that mean (leave one out)
    /// this is exact.
    Reward,
}

learner! {
    /// Makes sampled answers likelier in proportion to their advantage (policy gradient).
    /// Advantages are made by `choose`; log-probabilities are those recorded when the answer was
    /// drawn, in the context it was drawn in, which need not be the one it is trained under: the
    /// ratio then weighs for that too.
    pub struct PolicyGradient = "policy_gradient", version 3, lr 1e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours: every answer once, so that the policy stays near the one that drew it", 0.0..=100_000.0;
        /// Importance weight of an answer that an older policy sampled: `none`, by `token`, or of
        /// the whole `sequence`.
        pub ratio: Ratio = Ratio::Token, "Schulman et al. 2017, arXiv 1707.06347, equation 7";
        /// Ratios below `1 - clip_low` gain nothing more.
        pub clip_low: f64 = 0.2, "Schulman et al. 2017, arXiv 1707.06347, section 6.1", 0.0..=1.0;
        /// Ratios above `1 + clip_high` gain nothing more.
        pub clip_high: f64 = 0.2, "Schulman et al. 2017, arXiv 1707.06347, section 6.1", 0.0..=1e6;
        /// The largest importance weight of a token where `ratio` is `none` (truncated importance
        /// sampling); 0 takes no weight.
        pub truncate: f64 = 0.0, "none; Espeholt et al. 2018, arXiv 1802.01561, truncate at 1", 0.0..=1e6;
        /// How the loss is averaged over a batch: by `token`, by `sequence`, or in `total`, divided
        /// by `length`.
        pub mean: Mean = Mean::Token, "Yu et al. 2025, arXiv 2503.14476, section 3.3";
        /// What `total` divides by, besides the number of answers.
        pub length: f64 = 1.0, "ours: a sum over tokens";
        /// Weight of the KL divergence from the reference; 0 needs no reference.
        pub kl: f64 = 0.0, "Yu et al. 2025, arXiv 2503.14476, section 2.3: none", 0.0..=1e6;
        /// How the divergence is estimated in the loss: `k1`, `k2` or `k3`.
        pub estimator: Estimator = Estimator::K3, "Shao et al. 2024, arXiv 2402.03300, equation 4";
        /// Where it is charged: in the `loss`, or in the `reward`.
        pub charge: Charge = Charge::Loss, "Shao et al. 2024, arXiv 2402.03300, equation 3";
        /// How the divergence is estimated in the reward: `k1`, `k2` or `k3`.
        pub charged: Estimator = Estimator::K1, "Ouyang et al. 2022, arXiv 2203.02155, equation 2";
        /// The reference model of the divergence: `base`, `previous` or `average`.
        pub reference: Reference = Reference::Base, "Ouyang et al. 2022, arXiv 2203.02155: the model before";
        /// Every this many steps the reference model is mixed with the trained one; 0 never does.
        /// Only for a divergence that is charged in the loss.
        pub mix_every: u32 = 0, "none; Gorbatovski et al. 2024, arXiv 2404.09656; TRL 1.16 takes 512 steps";
        /// Share of the trained model in the mixture.
        pub mix: f64 = 0.6, "TRL 1.16", 0.0..=1.0;
        /// Weight of the entropy bonus, estimated from the sampled tokens.
        pub entropy: f64 = 0.0, "none";
    }
}

impl LearnerSettings for PolicyGradient {
    fn takes(&self) -> LessonKind {
        LessonKind::Rollout
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        let training = self.training();
        if self.mix_every > 0 && self.charge == Charge::Reward {
            return Err(LearnFault::Apart { setting: "mix_every", other: "charge = \"reward\"" }.into());
        }
        let streams: Vec<_> = lessons.iter().map(Lesson::streams).collect();
        let schedule = EmaSchedule { every: self.mix_every, share: self.mix, warm_up: false };
        let held = |decoder| ReferenceScores::new(decoder, &streams, schedule, training.micro_batch_tokens, student);
        let reference = if self.kl == 0.0 { None } else { self.reference.of(student) };
        let reference = reference.map(held).transpose()?;
        training.descend(stage, student, &self.objective(lessons, reference)?)
    }

    fn needs_average(&self) -> bool {
        self.reference == Reference::Average && self.kl != 0.0
    }

    fn needs_base(&self) -> bool {
        self.reference == Reference::Base && self.kl != 0.0
    }
}

impl PolicyGradient {
    /// The loss over these rollouts.
    pub(crate) fn objective<'a>(
        &'a self,
        lessons: &'a [Lesson],
        reference: Option<ReferenceScores>,
    ) -> Result<Rollouts<'a>, LearnFault> {
        let rollouts = only("policy_gradient", LessonKind::Rollout, lessons, |lesson| match lesson {
            Lesson::Rollout(rollout) => Some(rollout),
            _ => None,
        })?;
        Ok(Rollouts::new(self, rollouts, reference))
    }
}
