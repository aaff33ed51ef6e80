//! The objective over pairs.

use nouns::{Pair, Stream};

use super::Prefer;
use super::losses::{Constants, Loss, of_difference, of_odds};
use crate::objective::{Batch, Objective, Term, log_likelihood, spread};

/// Pairs with the reference's log-likelihoods.
pub(crate) struct Pairs<'a> {
    settings: &'a Prefer,
    pairs: Vec<&'a Pair>,
    /// Of the chosen and of the rejected answer, `sum(w · log p)`; none for a model without a reference.
    reference: Option<Vec<[f64; 2]>>,
}

impl<'a> Pairs<'a> {
    /// `reference` holds the log-probabilities of the chosen and the rejected answer by turns. `[2 * pairs][length]`
    pub(super) fn new(settings: &'a Prefer, pairs: Vec<&'a Pair>, reference: Option<&[Vec<f64>]>) -> Pairs<'a> {
        let summed = |(pair, scores): (&&Pair, &[Vec<f64>])| {
            [log_likelihood(&pair.chosen, &scores[0]), log_likelihood(&pair.rejected, &scores[1])]
        };
        let reference = reference.map(|scores| pairs.iter().zip(scores.chunks(2)).map(summed).collect());
        Pairs { settings, pairs, reference }
    }

    /// Loss of one pair with its derivatives by the sums of the two answers' log-probabilities, and how much the
    /// chosen and the rejected one are rewarded.
    fn loss(&self, lesson: usize, sums: [f64; 2]) -> (f64, [f64; 2], [f64; 2]) {
        let (settings, pair) = (self.settings, self.pairs[lesson]);
        let per_token = settings.per_token || matches!(settings.loss, Loss::Ipo | Loss::Odds);
        let lengths = [&pair.chosen, &pair.rejected].map(|stream| if per_token { length(stream) } else { 1.0 });
        let reference = self.reference.as_ref().map_or([0.0; 2], |reference| reference[lesson]);
        let scores = [0, 1].map(|side| (sums[side] - reference[side]) / lengths[side]);
        let (loss, by_score) = match settings.loss {
            Loss::Odds => {
                let (loss, chosen, rejected) = of_odds(scores[0], scores[1], settings.beta);
                (loss, [chosen, rejected])
            }
            loss => {
                let Prefer { beta, margin, smoothing, .. } = *settings;
                let with = Constants { beta, margin, smoothing, gap: pair.gap };
                let (loss, slope) = of_difference(loss, scores[0] - scores[1], with);
                (loss, [slope, -slope])
            }
        };
        let rewards = scores.map(|score| settings.beta * score);
        let own = settings.nll / length(&pair.chosen);
        let slopes = [by_score[0] / lengths[0] - own, by_score[1] / lengths[1]];
        (loss - own * sums[0], slopes, rewards)
    }
}

/// A stream's length in weighted tokens; 1 for one that has none, whose sums are 0 anyway.
fn length(stream: &Stream) -> f64 {
    let mass = stream.mass();
    if mass > 0.0 { mass } else { 1.0 }
}

impl Objective for Pairs<'_> {
    fn lessons(&self) -> usize {
        self.pairs.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        vec![&self.pairs[lesson].chosen, &self.pairs[lesson].rejected]
    }

    fn term(&self, lesson: usize, batch: &Batch, log_probs: &[Vec<f64>]) -> Term {
        let pair = self.pairs[lesson];
        let sums = [log_likelihood(&pair.chosen, &log_probs[0]), log_likelihood(&pair.rejected, &log_probs[1])];
        let (loss, slopes, [chosen, rejected]) = self.loss(lesson, sums);
        let slopes = [(&pair.chosen, slopes[0]), (&pair.rejected, slopes[1])];
        Term {
            loss: loss / batch.total,
            slopes: slopes.map(|(stream, slope)| spread(stream, slope / batch.total)).to_vec(),
            metrics: vec![
                ("rewards/chosen", chosen, 1.0),
                ("rewards/rejected", rejected, 1.0),
                ("rewards/margins", chosen - rejected, 1.0),
                ("rewards/accuracies", f64::from(u8::from(chosen > rejected)), 1.0),
                ("logps/chosen", sums[0], 1.0),
                ("logps/rejected", sums[1], 1.0),
                ("length/chosen", pair.chosen.taught() as f64, 1.0),
                ("length/rejected", pair.rejected.taught() as f64, 1.0),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn pair() -> Pair {
        let mut chosen = Stream::new("c", &[1], &[2, 3], 1.0);
        chosen.weights[2] = 0.5;
        Pair { chosen, rejected: Stream::new("r", &[1], &[4, 5, 6], 1.0), gap: 1.0 }
    }

    #[test]
    fn slopes_are_derivatives_for_every_loss() {
        let (pair, at) = (pair(), vec![vec![vec![0.0, -0.5, -1.5], vec![0.0, -2.0, -0.1, -0.7]]]);
        for loss in [Loss::Sigmoid, Loss::Hinge, Loss::Ipo, Loss::Robust, Loss::Squared, Loss::Odds] {
            for per_token in [false, true] {
                let settings = Prefer { loss, per_token, nll: 0.5, smoothing: 0.1, margin: 0.2, ..Prefer::default() };
                check::slopes(&Pairs::new(&settings, vec![&pair], None), &at);
                if loss != Loss::Odds {
                    let reference = [vec![0.0, -1.0, -1.0], vec![0.0, -1.0, -1.0, -1.0]];
                    check::slopes(&Pairs::new(&settings, vec![&pair], Some(&reference)), &at);
                }
            }
        }
    }

    #[test]
    fn what_reference_and_model_share_cancels() {
        let (pair, settings) = (pair(), Prefer::default());
        let at = [vec![0.0, -0.5, -1.5], vec![0.0, -2.0, -0.1, -0.7]];
        let pairs = Pairs::new(&settings, vec![&pair], Some(&at));
        let term = pairs.term(0, &pairs.batch(&[0], &|_| Vec::new()), &at);
        assert_eq!(term.loss, 2f64.ln(), "a model that is its own reference is indifferent");
        assert_eq!(term.slopes[0], [0.0, -0.05, -0.025]);
        assert_eq!(term.slopes[1], [0.0, 0.05, 0.05, 0.05]);
    }
}
