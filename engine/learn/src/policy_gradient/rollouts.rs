//! The objective over rollouts: `-sum(share · surrogate(ratio, advantage))`, with the divergence
//! from the reference in the loss or taken off the reward.
//!
//! Everything is in `f64` and by token, and what a token weighs ([`Rollouts::share`]) is the one
//! place where the means differ: over tokens of the batch, over answers, or over a constant length.
//! The probability under which an answer was sampled is the recorded one, of the context it was
//! sampled in; so the ratio also corrects for a hint that is gone while training. Where the
//! divergence is charged to the reward it is computed once, before the first step, from recorded
//! numbers: as a constant it takes no gradient, and must not change with the steps.

use std::collections::BTreeMap;

use nouns::{Rollout, Stream};

use super::divergence::Estimator;
use super::surrogate::{Clip, Surrogate, Token};
use super::{Charge, Mean, PolicyGradient};
use crate::ema::EmaModel;
use crate::objective::{Batch, Objective, Term};
use crate::reference_scores::ReferenceScores;

/// Means on the way to the effective sample size.
const WEIGHT: &str = "importance/mean";
const SQUARE: &str = "importance/square";

/// Rollouts with the reference's log-probabilities.
pub(crate) struct Rollouts<'a> {
    settings: &'a PolicyGradient,
    rollouts: Vec<&'a Rollout>,
    reference: Option<ReferenceScores>,
    /// What each answer's divergence takes off the advantage of its tokens. `[rollouts]`
    charged: Vec<f64>,
}

impl<'a> Rollouts<'a> {
    pub(super) fn new(
        settings: &'a PolicyGradient,
        rollouts: Vec<&'a Rollout>,
        reference: Option<ReferenceScores>,
    ) -> Rollouts<'a> {
        let charged = match (&reference, settings.charge) {
            (Some(reference), Charge::Reward) => charges(settings, &rollouts, reference),
            _ => vec![0.0; rollouts.len()],
        };
        Rollouts { settings, rollouts, reference, charged }
    }

    /// What one token of this rollout that weighs 1 has of the batch's loss.
    fn share(&self, rollout: &Rollout, batch: &Batch) -> f64 {
        match self.settings.mean {
            Mean::Token => 1.0 / batch.total,
            Mean::Sequence => 1.0 / (batch.total * rollout.stream.mass()),
            Mean::Total => 1.0 / (batch.total * self.settings.length),
        }
    }

    fn clip(&self) -> Clip {
        let PolicyGradient { ratio, clip_low, clip_high, truncate, .. } = *self.settings;
        Clip { ratio, low: clip_low, high: clip_high, truncate }
    }

    /// What is added to the loss token by token: the divergence times the answer's KL weight, and
    /// the bonus, with its derivative.
    fn beside(&self, kl_weight: f64, log_p: f64, log_q: Option<f64>) -> (f64, f64) {
        let in_loss = self.settings.charge == Charge::Loss;
        let (kl, by_kl) = log_q.filter(|_| in_loss).map_or((0.0, 0.0), |q| self.settings.estimator.at(log_p, q));
        // The gradient of a distribution's entropy is the mean of `-log p · d log p` over its draws, and that of
        // `-(log p)² / 2` at a draw is just this.
        let (bonus, by_bonus) = (-0.5 * log_p * log_p, -log_p);
        let PolicyGradient { kl: weight, entropy, .. } = *self.settings;
        let weight = weight * kl_weight;
        (weight * kl - entropy * bonus, weight * by_kl - entropy * by_bonus)
    }
}

/// What the reference says of a rollout's token.
fn log_q(reference: &ReferenceScores, lesson: usize, place: usize) -> f64 {
    reference.of(lesson, |scores| scores.first().map_or(f64::NAN, |scores| scores[place]))
}

/// By how much each answer's summed divergence exceeds the mean of the other answers to its
/// question, weighted. `[rollouts]`
fn charges(settings: &PolicyGradient, rollouts: &[&Rollout], reference: &ReferenceScores) -> Vec<f64> {
    let excess = |(lesson, rollout): (usize, &&Rollout)| -> f64 {
        let of_token = |place: usize| {
            let (b, q) = (f64::from(rollout.behaviour[place]), log_q(reference, lesson, place));
            settings.charged.at(b, q).0
        };
        let taught = (0..rollout.behaviour.len()).filter(|&place| rollout.stream.weights[place] != 0.0);
        f64::from(rollout.kl_weight) * settings.kl * taught.map(of_token).sum::<f64>()
    };
    let divergences: Vec<f64> = rollouts.iter().enumerate().map(excess).collect();
    let mut groups: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (rollout, divergence) in rollouts.iter().zip(&divergences) {
        let (sum, count) = groups.entry(rollout.group).or_default();
        *sum += divergence;
        *count += 1.0;
    }
    let charge = |(rollout, own): (&&Rollout, &f64)| {
        let (sum, count) = groups[&rollout.group];
        own - if count > 1.0 { (sum - own) / (count - 1.0) } else { 0.0 }
    };
    rollouts.iter().zip(&divergences).map(charge).collect()
}

impl Objective for Rollouts<'_> {
    fn lessons(&self) -> usize {
        self.rollouts.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![&self.rollouts[lesson].stream]
    }

    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        if let Some(reference) = &self.reference {
            reference.ask(lessons, |lesson| self.streams(lesson));
        }
        let total = match self.settings.mean {
            Mean::Token => lessons.iter().map(|&lesson| self.rollouts[lesson].stream.mass()).sum(),
            Mean::Sequence | Mean::Total => lessons.len() as f64,
        };
        Batch { total, level: 0.0 }
    }

    fn term(&self, lesson: usize, batch: &Batch, log_probs: &[Vec<f64>]) -> Term {
        let (rollout, log_probs) = (self.rollouts[lesson], &log_probs[0]);
        let share = self.share(rollout, batch);
        let taught: Vec<usize> = (0..log_probs.len()).filter(|&i| rollout.stream.weights[i] != 0.0).collect();
        let token = |&i: &usize| Token {
            log_p: log_probs[i],
            behaviour: f64::from(rollout.behaviour[i]),
            advantage: f64::from(rollout.advantages[i]) - self.charged[lesson],
            share: share * f64::from(rollout.stream.weights[i]),
        };
        let tokens: Vec<Token> = taught.iter().map(token).collect();
        let surrogate = self.clip().of(&tokens);
        let mut gradients = vec![0.0; log_probs.len()];
        let mut loss = surrogate.loss;
        for (place, (&i, token)) in taught.iter().zip(&tokens).enumerate() {
            let log_q = self.reference.as_ref().map(|reference| log_q(reference, lesson, i));
            let (value, gradient) = self.beside(f64::from(rollout.kl_weight), token.log_p, log_q);
            loss += token.share * value;
            gradients[i] = surrogate.gradients[place] + token.share * gradient;
        }
        let metrics = self.metrics(lesson, &taught, &tokens, &surrogate);
        Term { loss, gradients: vec![gradients], metrics }
    }

    fn ema(&self) -> Option<&EmaModel> {
        self.reference.as_ref().and_then(ReferenceScores::ema)
    }

    fn sum_up(&self, metrics: &mut BTreeMap<String, f64>) {
        let (mean, square) = (metrics.remove(WEIGHT), metrics.remove(SQUARE));
        if let (Some(mean), Some(square)) = (mean, square) {
            // Kong 1992: (sum w)² / sum w², here as a share of the tokens.
            metrics.insert("effective_sample_share".into(), mean * mean / square);
        }
    }
}

impl Rollouts<'_> {
    fn metrics(
        &self,
        lesson: usize,
        taught: &[usize],
        tokens: &[Token],
        surrogate: &Surrogate,
    ) -> Vec<(&'static str, f64, f64)> {
        let count = tokens.len() as f64;
        let [low, high] = surrogate.clipped.map(|clipped| clipped as f64 / count.max(1.0));
        let mut metrics = vec![
            ("clip_ratio/low_mean", low, count),
            ("clip_ratio/high_mean", high, count),
            ("clip_ratio/region_mean", low + high, count),
            ("completions/mean_length", count, 1.0),
            ("completions/min_length", count, 1.0),
            ("completions/max_length", count, 1.0),
            // An answer without credit, as all of a group have whose rewards are the same, is a wasted one.
            ("frac_reward_zero_std", f64::from(u8::from(tokens.iter().all(|token| token.advantage == 0.0))), 1.0),
            ("advantages/mean", tokens.first().map_or(0.0, |token| token.advantage), 1.0),
        ];
        for (token, &i) in tokens.iter().zip(taught) {
            let weight = (token.log_p - token.behaviour).exp();
            // Of the policy that drew the tokens: the mean of their surprise is its entropy.
            metrics.push(("entropy", -token.behaviour, 1.0));
            metrics.extend([(WEIGHT, weight, 1.0), (SQUARE, weight * weight, 1.0)]);
            if let Some(reference) = &self.reference {
                metrics.push(("kl", Estimator::K3.at(token.log_p, log_q(reference, lesson, i)).0, 1.0));
            }
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ratio;
    use super::*;
    use crate::objective::check;

    fn rollouts() -> [Rollout; 3] {
        [
            Rollout::new("a", &[1], &[2, 3], &[-0.9, -1.4], 1.0, 0),
            Rollout::new("b", &[1, 1], &[2, 3, 4], &[-0.2, -2.2, -0.6], -0.5, 0),
            Rollout::new("c", &[1], &[5], &[-1.0], -0.5, 0),
        ]
    }

    fn at() -> Vec<Vec<Vec<f64>>> {
        vec![vec![vec![0.0, -1.0, -1.0]], vec![vec![0.0, -3.0, -0.5, -2.0, -0.7]], vec![vec![0.0, -1.1]]]
    }

    fn reference() -> ReferenceScores {
        let scores = [vec![0.0, -1.5, -0.5], vec![0.0, -2.0, -0.4, -2.5, -0.9], vec![0.0, -0.3]];
        ReferenceScores::Fixed(scores.map(|scores| vec![scores]).to_vec())
    }

    #[test]
    fn only_what_is_held_pays_for_the_divergence() {
        let gradients = |kl: f64, kl_weight: f32| {
            let settings = PolicyGradient { kl, estimator: Estimator::K2, ..PolicyGradient::default() };
            let [first, ..] = rollouts();
            let first = Rollout { kl_weight, ..first };
            let objective = Rollouts::new(&settings, vec![&first], Some(reference()));
            objective.term(0, &objective.batch(&[0], &|_| Vec::new()), &at()[0]).gradients
        };
        assert_eq!(gradients(0.5, 0.0), gradients(0.0, 1.0), "free");
        assert_eq!(gradients(0.5, 0.5), gradients(0.25, 1.0), "half the weight");
        assert_ne!(gradients(0.5, 1.0), gradients(0.0, 1.0));
    }

    #[test]
    fn gradients_are_derivatives_for_every_form() {
        let rollouts = rollouts();
        for ratio in [Ratio::None, Ratio::Token, Ratio::Sequence] {
            for mean in [Mean::Token, Mean::Sequence, Mean::Total] {
                for (estimator, charge) in [
                    (Estimator::K1, Charge::Loss),
                    (Estimator::K2, Charge::Loss),
                    (Estimator::K3, Charge::Loss),
                    (Estimator::K1, Charge::Reward),
                ] {
                    let settings = PolicyGradient {
                        ratio,
                        mean,
                        estimator,
                        charge,
                        kl: 0.3,
                        entropy: 0.1,
                        length: 4.0,
                        ..PolicyGradient::default()
                    };
                    let objective = Rollouts::new(&settings, rollouts.iter().collect(), Some(reference()));
                    check::gradients(&objective, &at());
                }
            }
        }
    }

    #[test]
    fn nothing_of_the_context_has_a_gradient() {
        let (rollouts, settings) = (rollouts(), PolicyGradient { kl: 1.0, entropy: 1.0, ..PolicyGradient::default() });
        let objective = Rollouts::new(&settings, rollouts.iter().collect(), Some(reference()));
        let batch = objective.batch(&[0, 1, 2], &|_| Vec::new());
        assert_eq!(objective.term(1, &batch, &at()[1]).gradients[0][..2], [0.0, 0.0]);
    }

    #[test]
    fn a_charged_reward_is_the_leave_one_out_advantage_of_what_is_left_of_it() {
        let (rollouts, reference) = (rollouts(), reference());
        let settings = PolicyGradient { kl: 0.3, ..PolicyGradient::default() };
        let charged = charges(&settings, &rollouts.iter().collect::<Vec<_>>(), &reference);
        let first = (-0.9 + 1.5) + (-1.4 + 0.5);
        let second = (-0.2 + 0.4) + (-2.2 + 2.5) + (-0.6 + 0.9);
        let all = [first, second, -1.0 + 0.3];
        let wanted: Vec<f64> = (0..3).map(|i| 0.3 * (all[i] - (all.iter().sum::<f64>() - all[i]) / 2.0)).collect();
        assert!(
            charged.iter().zip(&wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-6),
            "{charged:?} {wanted:?}"
        );
        assert!(charged.iter().sum::<f64>().abs() < 1e-12, "what one pays the others get");
    }

    #[test]
    fn the_effective_sample_is_everything_on_policy_and_less_off_it() {
        let rollouts = rollouts();
        let settings = PolicyGradient::default();
        let objective = Rollouts::new(&settings, rollouts.iter().collect(), None);
        let share = |at: &[Vec<Vec<f64>>]| {
            let batch = objective.batch(&[0, 1, 2], &|_| Vec::new());
            let mut means = crate::objective::Means::default();
            (0..3).for_each(|lesson| means.add(&objective.term(lesson, &batch, &at[lesson]).metrics));
            let mut metrics = means.take();
            objective.sum_up(&mut metrics);
            metrics["effective_sample_share"]
        };
        let behaviour = |r: &Rollout| vec![r.behaviour.iter().map(|&b| f64::from(b)).collect()];
        assert!((share(&rollouts.iter().map(behaviour).collect::<Vec<_>>()) - 1.0).abs() < 1e-12);
        assert!(share(&at()) < 0.95);
    }
}
