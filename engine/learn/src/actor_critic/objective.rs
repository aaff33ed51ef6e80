//! The objective over rollouts with a critic.

use nouns::{Rollout, Stream};

use super::ActorCritic;
use crate::objective::{Batch, Objective, Term};
use crate::policy_gradient::{Charge, Clip, Estimator, Ratio, Token};
use crate::reads::Reads;

/// The taught tokens of a rollout, with what was made of them before the first step. `[taught]`
pub(crate) struct Credited {
    pub(super) places: Vec<usize>,
    pub(super) values: Vec<f64>,
    pub(super) advantages: Vec<f64>,
    pub(super) returns: Vec<f64>,
}

/// Rollouts with their credit.
pub(crate) struct Episodes<'a> {
    pub(super) settings: &'a ActorCritic,
    pub(super) rollouts: Vec<&'a Rollout>,
    pub(super) credited: Vec<Credited>,
    /// `[rollouts][length]`
    pub(super) reference: Option<Vec<Vec<f64>>>,
}

impl Episodes<'_> {
    /// Loss of one value, half its squared error (the worse of the error as it is and with the
    /// value held near what it was: that is what keeps it near), and its derivative.
    fn of_value(&self, value: f64, was: f64, came: f64) -> (f64, f64, bool) {
        let off = value - came;
        let reach = self.settings.value_clip;
        let held = value.clamp(was - reach, was + reach);
        match reach > 0.0 && held != value && (held - came).powi(2) > off * off {
            true => (0.5 * (held - came).powi(2), 0.0, true),
            false => (0.5 * off * off, off, false),
        }
    }

    /// The divergence in the loss and the bonus on entropy, with their derivative; see
    /// `policy_gradient`.
    fn beside(&self, lesson: usize, place: usize, log_p: f64) -> (f64, f64) {
        let ActorCritic { kl, estimator, charge, entropy, .. } = *self.settings;
        let log_q = self.reference.as_ref().map(|reference| reference[lesson][place]);
        let found = log_q.filter(|_| charge == Charge::Loss).map(|log_q| estimator.at(log_p, log_q));
        let (value, gradient) = found.unwrap_or_default();
        (kl * value + entropy * 0.5 * log_p * log_p, kl * gradient + entropy * log_p)
    }
}

impl Objective for Episodes<'_> {
    fn reads(&self) -> Reads {
        Reads::LogProbsAndScores
    }

    fn lessons(&self) -> usize {
        self.rollouts.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![&self.rollouts[lesson].stream]
    }

    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        Batch { total: lessons.iter().map(|&lesson| self.rollouts[lesson].stream.mass()).sum(), level: 0.0 }
    }

    fn term(&self, lesson: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term {
        let (rollout, credited) = (self.rollouts[lesson], &self.credited[lesson]);
        let length = rollout.stream.tokens.len();
        let token = |(number, &place): (usize, &usize)| Token {
            log_p: seen[0][place],
            behaviour: f64::from(rollout.behaviour[place]),
            advantage: credited.advantages[number],
            share: f64::from(rollout.stream.weights[place]) / batch.total,
        };
        let tokens: Vec<Token> = credited.places.iter().enumerate().map(token).collect();
        let ActorCritic { clip_low: low, clip_high: high, value_weight, .. } = *self.settings;
        let surrogate = Clip { ratio: Ratio::Token, low, high, truncate: 0.0 }.of(&tokens);
        let mut term = Term { loss: surrogate.loss, gradients: vec![vec![0.0; 2 * length]], metrics: Vec::new() };
        let count = tokens.len() as f64;
        for (number, (&place, token)) in credited.places.iter().zip(&tokens).enumerate() {
            let (value, gradient) = self.beside(lesson, place, token.log_p);
            let (said, came) = (seen[0][length + place], credited.returns[number]);
            let (off, by_value, held) = self.of_value(said, credited.values[number], came);
            term.loss += token.share * (value + value_weight * off);
            term.gradients[0][place] = surrogate.gradients[number] + token.share * gradient;
            term.gradients[0][length + place] = token.share * value_weight * by_value;
            term.metrics.extend([
                ("value/mean", said, 1.0),
                ("value/return", came, 1.0),
                ("value/loss", off, 1.0),
                ("value/clip_ratio", f64::from(u8::from(held)), 1.0),
                ("entropy", -token.behaviour, 1.0),
            ]);
            if let Some(reference) = &self.reference {
                term.metrics.push(("kl", Estimator::K3.at(token.log_p, reference[lesson][place]).0, 1.0));
            }
        }
        let [low, high] = surrogate.clipped.map(|clipped| clipped as f64 / count.max(1.0));
        let reward = credited.places.last().map_or(0.0, |&place| f64::from(rollout.advantages[place]));
        term.metrics.extend([
            ("clip_ratio/low_mean", low, count),
            ("clip_ratio/high_mean", high, count),
            ("clip_ratio/region_mean", low + high, count),
            ("completions/mean_length", count, 1.0),
            ("completions/min_length", count, 1.0),
            ("completions/max_length", count, 1.0),
            ("reward", reward, 1.0),
        ]);
        term
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;
    use nouns::Lesson;

    fn lessons() -> [Lesson; 2] {
        [
            Lesson::Rollout(Rollout::new("a", &[1], &[2, 3], &[-0.9, -1.4], 1.0, 0)),
            Lesson::Rollout(Rollout::new("b", &[1, 1], &[2, 3, 4], &[-0.2, -2.2, -0.6], 0.0, 0)),
        ]
    }

    /// Log-probabilities, then values.
    fn before() -> [Vec<f64>; 2] {
        [vec![0.0, -0.9, -1.4, 0.0, 0.2, 0.7], vec![0.0, 0.0, -0.2, -2.2, -0.6, 0.0, 0.0, 0.5, 0.1, -0.3]]
    }

    fn at() -> Vec<Vec<Vec<f64>>> {
        vec![
            vec![vec![0.0, -1.0, -1.0, 0.0, 0.9, 0.6]],
            vec![vec![0.0, 0.0, -0.3, -2.9, -0.4, 0.0, 0.0, 0.45, 0.3, 0.2]],
        ]
    }

    #[test]
    fn gradients_are_derivatives_and_the_context_has_none() {
        let reference = || Some(vec![vec![0.0, -1.5, -0.5], vec![0.0, 0.0, -0.4, -2.5, -0.9]]);
        for charge in [Charge::Loss, Charge::Reward] {
            for whiten in [false, true] {
                let settings = ActorCritic { charge, whiten, kl: 0.3, entropy: 0.1, ..ActorCritic::default() };
                let lessons = lessons();
                let episodes = settings.objective(&lessons, &before(), reference()).expect("rollouts");
                check::gradients(&episodes, &at());
                let batch = episodes.batch(&[0, 1], &|_| Vec::new());
                let gradients = &episodes.term(1, &batch, &at()[1]).gradients[0];
                assert_eq!([gradients[0], gradients[1], gradients[5], gradients[6]], [0.0; 4]);
            }
        }
    }

    #[test]
    fn a_value_is_held_where_it_has_come_far_and_still_gains() {
        let (settings, lessons) = (ActorCritic::default(), lessons());
        let episodes = settings.objective(&lessons, &before(), None).expect("rollouts");
        assert_eq!(episodes.of_value(0.9, 0.2, 1.0), (0.5 * 0.36, 0.0, true), "from 0.2 no further than 0.4");
        let (loss, gradient, held) = episodes.of_value(0.9, 0.2, 0.0);
        assert!((loss - 0.405).abs() < 1e-12 && gradient == 0.9 && !held, "and back it may always go");
    }
}
