//! What an objective is to the trainer: a function of what it reads of the model at given tokens,
//! and its derivative.
//!
//! Every objective here depends on the model only through numbers by token (log-probabilities,
//! scores, distributions), so it is plain arithmetic: loss and gradient by number. The trainer
//! carries `sum(gradient · number)` back through the model, which has the gradient of the loss.

use std::collections::BTreeMap;

use nouns::Stream;

use crate::ema::EmaModel;
use crate::reads::Reads;

/// A loss over batches of lessons.
pub(crate) trait Objective: Sync {
    /// What it depends on; unless it says otherwise, on the log-probabilities of the tokens.
    fn reads(&self) -> Reads {
        Reads::LogProbs
    }

    /// How many lessons there are.
    fn lessons(&self) -> usize;

    /// The sequences of a lesson: they are computed together.
    fn streams(&self, lesson: usize) -> Vec<&Stream>;

    /// What the terms of a batch share, besides the lessons themselves. It must depend on the whole
    /// batch, not on how it is cut for the memory's sake. `score` gives log-probabilities under the
    /// model as it is. `[streams][length]`
    fn batch(&self, lessons: &[usize], score: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        let _ = score;
        Batch { total: lessons.len() as f64, level: 0.0 }
    }

    /// A lesson's share of the batch's loss; the shares sum to the loss. `seen` holds what it
    /// reads, by stream: `log_probs[stream][i]` is that of the stream's token `i`, 0 for the first.
    fn term(&self, lesson: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term;

    /// The model that follows the student while it learns, if there is one.
    fn ema(&self) -> Option<&EmaModel> {
        None
    }

    /// Replaces intermediate means by the figures that are reported.
    fn sum_up(&self, metrics: &mut BTreeMap<String, f64>) {
        let _ = metrics;
    }
}

/// What the terms of a batch share.
pub(crate) struct Batch {
    /// What their sum is divided by.
    pub(crate) total: f64,
    /// The level that rewards are compared with, where an objective has one.
    pub(crate) level: f64,
}

/// A lesson's share of the loss.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Term {
    /// The share.
    pub(crate) loss: f64,
    /// Its derivative by each number that was read, in the same order. `[streams][length]`
    pub(crate) gradients: Vec<Vec<f64>>,
    /// What is reported, as `(name, value, weight)`: the mean over the batch by these weights; the
    /// least or the most of the batch where the name says `min_` or `max_`, as TRL's do.
    pub(crate) metrics: Vec<(&'static str, f64, f64)>,
}

/// Weighted means, by name.
#[derive(Default)]
pub(crate) struct Means(BTreeMap<&'static str, (f64, f64)>);

impl Means {
    pub(crate) fn add(&mut self, metrics: &[(&'static str, f64, f64)]) {
        for &(name, value, weight) in metrics {
            let (sum, mass) = self.0.entry(name).or_default();
            match further(name) {
                Some(further) => (*sum, *mass) = (if *mass > 0.0 { further(*sum, value) } else { value }, 1.0),
                None => (*sum, *mass) = (*sum + value * weight, *mass + weight),
            }
        }
    }

    pub(crate) fn take(self) -> BTreeMap<String, f64> {
        let known = self.0.into_iter().filter(|(_, (_, mass))| *mass > 0.0);
        known.map(|(name, (sum, mass))| (name.to_owned(), sum / mass)).collect()
    }
}

/// What keeps the least or the most, where a metric's name asks for that.
fn further(name: &str) -> Option<fn(f64, f64) -> f64> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let least = last.starts_with("min_").then_some(f64::min as fn(f64, f64) -> f64);
    least.or(last.starts_with("max_").then_some(f64::max))
}

/// `sum(w · log p)` of a stream.
pub(crate) fn log_likelihood(stream: &Stream, log_probs: &[f64]) -> f64 {
    stream.weights.iter().zip(log_probs).map(|(&w, p)| f64::from(w) * p).sum()
}

/// Gradients of a loss that depends on `sum(w · log p)` with this derivative. `[length]`
pub(crate) fn spread(stream: &Stream, gradient: f64) -> Vec<f64> {
    stream.weights.iter().map(|&w| f64::from(w) * gradient).collect()
}

/// `log(1 / (1 + exp(-x)))`, exact for large `x` of either sign.
pub(crate) fn log_sigmoid(x: f64) -> f64 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}

/// `1 / (1 + exp(-x))`.
pub(crate) fn sigmoid(x: f64) -> f64 {
    log_sigmoid(x).exp()
}

/// Finite differences, for the tests of objectives.
#[cfg(test)]
pub(crate) mod check {
    use super::*;

    /// Asserts that every lesson's gradients are the derivatives of its loss, at these
    /// log-probabilities.
    pub(crate) fn gradients(objective: &dyn Objective, at: &[Vec<Vec<f64>>]) {
        let batch = objective.batch(&(0..objective.lessons()).collect::<Vec<_>>(), &|_| Vec::new());
        for (lesson, log_probs) in at.iter().enumerate() {
            let term = objective.term(lesson, &batch, log_probs);
            for stream in 0..log_probs.len() {
                for token in 0..log_probs[stream].len() {
                    let moved = |by: f64| {
                        let mut moved = log_probs.clone();
                        moved[stream][token] += by;
                        objective.term(lesson, &batch, &moved).loss
                    };
                    let wanted = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                    let found = term.gradients[stream][token];
                    let near = (found - wanted).abs() < 1e-7 * (1.0 + wanted.abs());
                    assert!(near, "lesson {lesson}, stream {stream}, token {token}: {found} is not {wanted}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sigmoid_is_exact_at_both_ends() {
        assert_eq!(log_sigmoid(0.0), -(2f64.ln()));
        assert_eq!(log_sigmoid(-1000.0), -1000.0);
        assert_eq!(log_sigmoid(1000.0), 0.0);
        assert!((sigmoid(2.0) + sigmoid(-2.0) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn metrics_are_means_unless_they_are_named_after_an_extreme() {
        let mut means = Means::default();
        means.add(&[("margin", 1.0, 1.0), ("min_reward", -1.0, 1.0), ("completions/max_length", -5.0, 1.0)]);
        means.add(&[("margin", 4.0, 2.0), ("min_reward", -3.0, 1.0), ("completions/max_length", -7.0, 1.0)]);
        let found = means.take();
        assert_eq!([found["margin"], found["min_reward"], found["completions/max_length"]], [3.0, -3.0, -5.0]);
    }
}
