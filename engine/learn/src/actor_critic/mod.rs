//! Learning from answers that the policy itself drew, with a critic on its own body.

mod objective;
mod returns;

use faults::Outcome;
use networks::ScoreHead;
use nouns::{Lesson, LessonKind, Rollout, Stage, Stream, Update};

use crate::fault::LearnFault;
use crate::gradient::numbers;
use crate::policy_gradient::{Charge, Estimator};
use crate::reads::Reads;
use crate::reference::Reference;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};
use objective::{Credited, Episodes};

learner! {
    /// Trains the policy and a value head together (PPO). The head, on the policy's own body,
    /// predicts the return before every token; tokens that bring more than predicted are made
    /// likelier, by a clipped ratio, and the head learns the returns. An answer's reward is the
    /// credit of its last token: let `choose` end with `advantages` with neither baseline nor
    /// scale. Advantages are those of generalized advantage estimation, computed once before the
    /// first step, by the head and the probabilities of then.
    pub struct ActorCritic = "actor_critic", version 2, lr 1e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 4.0, "Huang et al. 2024, arXiv 2403.17031, table 7: four", 0.0..=100_000.0;
        /// Ratios below `1 - clip_low` gain nothing more.
        pub clip_low: f64 = 0.2, "Schulman et al. 2017, arXiv 1707.06347, section 6.1", 0.0..=1.0;
        /// Ratios above `1 + clip_high` gain nothing more.
        pub clip_high: f64 = 0.2, "Schulman et al. 2017, arXiv 1707.06347, section 6.1", 0.0..=1e6;
        /// Discount per token.
        pub gamma: f64 = 1.0, "Ziegler et al. 2019, arXiv 1909.08593, section 2.2", 0.0..=1.0;
        /// Generalized advantage estimation: from 0 (trust the critic) to 1 (trust the observed
        /// return).
        pub lambda: f64 = 0.95, "Schulman et al. 2017, arXiv 1707.06347, table 3", 0.0..=1.0;
        /// Whether advantages are whitened: mean 0 and deviation 1 over all lessons.
        pub whiten: bool = true, "Huang et al. 2024, arXiv 2403.17031, section 4.3";
        /// Weight of the critic's loss beside the policy's.
        pub value_weight: f64 = 0.1, "Ziegler et al. 2019, arXiv 1909.08593, section 2.2", 0.0..=1e6;
        /// Clips how far a value may move from what it was before the first step; 0 does not clip.
        pub value_clip: f64 = 0.2, "Ziegler et al. 2019, arXiv 1909.08593, the authors' code", 0.0..=1e6;
        /// Weight of the KL divergence from the reference; 0 needs no reference.
        pub kl: f64 = 0.05, "Huang et al. 2024, arXiv 2403.17031, table 7", 0.0..=1e6;
        /// Where it is charged: as `k1` in the reward of every token, or in the loss.
        pub charge: Charge = Charge::Reward, "Ouyang et al. 2022, arXiv 2203.02155, equation 2";
        /// How the divergence is estimated in the loss: `k1`, `k2` or `k3`.
        pub estimator: Estimator = Estimator::K3, "Shao et al. 2024, arXiv 2402.03300, equation 4";
        /// The reference model of the divergence: `base`, `previous` or `average`.
        pub reference: Reference = Reference::Base, "Ouyang et al. 2022, arXiv 2203.02155: the model before";
        /// Weight of the entropy bonus, estimated from the sampled tokens.
        pub entropy: f64 = 0.0, "none";
    }
}

impl LearnerSettings for ActorCritic {
    fn takes(&self) -> LessonKind {
        LessonKind::Rollout
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        student.gain_scores(ScoreHead::VALUE)?;
        let training = self.training();
        let streams: Vec<&Stream> = lessons.iter().flat_map(Lesson::streams).collect();
        let before = numbers(&student.decoder, &streams, Reads::LogProbsAndScores, training.micro_batch_tokens);
        let reference = if self.kl == 0.0 { None } else { self.reference.of(student) };
        let reference = reference.map(|decoder| training.scores(decoder, &streams));
        training.descend(stage, student, &self.objective(lessons, &before, reference)?)
    }

    fn needs_average(&self) -> bool {
        self.reference == Reference::Average && self.kl != 0.0
    }

    fn needs_base(&self) -> bool {
        self.reference == Reference::Base && self.kl != 0.0
    }
}

impl ActorCritic {
    /// The loss over these rollouts. `before` holds log-probabilities and values before the first
    /// step, `[rollouts][2 * length]`; `reference` the reference's log-probabilities,
    /// `[rollouts][length]`.
    pub(crate) fn objective<'a>(
        &'a self,
        lessons: &'a [Lesson],
        before: &[Vec<f64>],
        reference: Option<Vec<Vec<f64>>>,
    ) -> Result<Episodes<'a>, LearnFault> {
        let rollouts = only("actor_critic", LessonKind::Rollout, lessons, |lesson| match lesson {
            Lesson::Rollout(rollout) => Some(rollout),
            _ => None,
        })?;
        let of_reference = |number: usize| reference.as_ref().map(|reference| reference[number].as_slice());
        let credited =
            rollouts.iter().enumerate().map(|(n, rollout)| self.credit(rollout, &before[n], of_reference(n)));
        let mut credited: Vec<Credited> = credited.collect();
        if self.whiten {
            let mut advantages: Vec<Vec<f64>> =
                credited.iter_mut().map(|one| std::mem::take(&mut one.advantages)).collect();
            returns::whiten(&mut advantages);
            credited.iter_mut().zip(advantages).for_each(|(one, advantages)| one.advantages = advantages);
        }
        Ok(Episodes { settings: self, rollouts, credited, reference })
    }

    /// The credit of one rollout's taught tokens.
    fn credit(&self, rollout: &Rollout, before: &[f64], reference: Option<&[f64]>) -> Credited {
        let length = rollout.stream.tokens.len();
        let places: Vec<usize> = (0..length).filter(|&place| rollout.stream.weights[place] != 0.0).collect();
        let values: Vec<f64> = places.iter().map(|&place| before[length + place]).collect();
        let charged = reference.filter(|_| self.charge == Charge::Reward);
        let divergence = |place: usize| charged.map_or(0.0, |q| f64::from(rollout.behaviour[place]) - q[place]);
        let mut rewards: Vec<f64> = places.iter().map(|&place| -self.kl * divergence(place)).collect();
        if let (Some(last), Some(&place)) = (rewards.last_mut(), places.last()) {
            *last += f64::from(rollout.advantages[place]);
        }
        let (advantages, returns) = returns::estimate(&rewards, &values, self.gamma, self.lambda);
        Credited { places, values, advantages, returns }
    }
}
