//! The objective over pairs.

use nouns::{Pair, Stream};

use super::losses::{Constants, Loss, log_odds, of_difference, of_odds};
use super::{Likelihood, Prefer};
use crate::ema::EmaModel;
use crate::objective::{Batch, Objective, Term, log_likelihood, log_sigmoid, spread};
use crate::reference_scores::ReferenceScores;

/// Pairs with what the reference says of them.
pub(crate) struct Pairs<'a> {
    settings: &'a Prefer,
    pairs: Vec<&'a Pair>,
    /// None for a model without a reference.
    reference: Option<ReferenceScores>,
}

/// A pair's loss and what it is made of.
struct Found {
    loss: f64,
    /// Derivatives by the sums of the two answers' log-probabilities.
    gradients: [f64; 2],
    /// How much the chosen and the rejected one are rewarded.
    rewards: [f64; 2],
}

impl<'a> Pairs<'a> {
    pub(super) fn new(settings: &'a Prefer, pairs: Vec<&'a Pair>, reference: Option<ReferenceScores>) -> Pairs<'a> {
        Pairs { settings, pairs, reference }
    }

    /// The reference's sums of the two answers' log-probabilities.
    fn reference(&self, lesson: usize) -> [f64; 2] {
        let pair = self.pairs[lesson];
        let sums = |scores: &[Vec<f64>]| match scores {
            [chosen, rejected] => [log_likelihood(&pair.chosen, chosen), log_likelihood(&pair.rejected, rejected)],
            _ => [f64::NAN; 2],
        };
        self.reference.as_ref().map_or([0.0; 2], |reference| reference.of(lesson, sums))
    }

    /// What the loss of one pair is without the chosen answer's own likelihood.
    fn loss(&self, lesson: usize, sums: [f64; 2]) -> Found {
        let (settings, pair) = (self.settings, self.pairs[lesson]);
        let lengths = [&pair.chosen, &pair.rejected].map(|stream| if self.per_token() { length(stream) } else { 1.0 });
        let reference = self.reference(lesson);
        let scores = [0, 1].map(|side| (sums[side] - reference[side]) / lengths[side]);
        let (loss, by_score) = match settings.loss {
            Loss::Odds => {
                let (loss, chosen, rejected) = of_odds(scores[0], scores[1], settings.beta);
                (loss, [chosen, rejected])
            }
            loss => {
                let Prefer { beta, margin, smoothing, .. } = *settings;
                let with = Constants { beta, margin, smoothing, gap: pair.gap };
                let (loss, gradient) = of_difference(loss, scores[0] - scores[1], with);
                (loss, [gradient, -gradient])
            }
        };
        let gradients = [by_score[0] / lengths[0], by_score[1] / lengths[1]];
        // Implicit rewards, as TRL reports them: means where there is no reference and the loss takes means.
        let ahead = [0, 1].map(|side| if self.reports_means() { scores[side] } else { sums[side] - reference[side] });
        Found { loss, gradients, rewards: ahead.map(|ahead| settings.beta * ahead) }
    }

    fn reports_means(&self) -> bool {
        self.reference.is_none() && self.per_token()
    }

    fn per_token(&self) -> bool {
        self.settings.per_token || matches!(self.settings.loss, Loss::Ipo | Loss::Odds)
    }

    /// The chosen answer's own share of the batch's likelihood term: what each token's
    /// log-probability counts. `[length]`
    fn likelihood(&self, lesson: usize, batch: &Batch) -> Vec<f64> {
        let chosen = &self.pairs[lesson].chosen;
        match self.settings.nll_over {
            Likelihood::Answers => spread(chosen, 1.0 / (length(chosen) * batch.total)),
            Likelihood::Tokens => spread(chosen, 1.0 / batch.level),
            // The first token follows nothing.
            Likelihood::WithPrompts => {
                (0..chosen.tokens.len()).map(|place| if place == 0 { 0.0 } else { 1.0 / batch.level }).collect()
            }
        }
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

    /// The level is what the likelihood of the chosen answers is divided by, where that is the
    /// batch's and not each one's.
    fn batch(&self, lessons: &[usize], _: &dyn Fn(&[Stream]) -> Vec<Vec<f64>>) -> Batch {
        if let Some(reference) = &self.reference {
            reference.ask(lessons, |lesson| self.streams(lesson));
        }
        let counted = |&lesson: &usize| match self.settings.nll_over {
            Likelihood::Answers => 0.0,
            Likelihood::Tokens => self.pairs[lesson].chosen.mass(),
            Likelihood::WithPrompts => self.pairs[lesson].chosen.tokens.len().saturating_sub(1) as f64,
        };
        Batch { total: lessons.len() as f64, level: lessons.iter().map(counted).sum::<f64>().max(1.0) }
    }

    fn term(&self, lesson: usize, batch: &Batch, log_probs: &[Vec<f64>]) -> Term {
        let pair = self.pairs[lesson];
        let sums = [log_likelihood(&pair.chosen, &log_probs[0]), log_likelihood(&pair.rejected, &log_probs[1])];
        let Found { loss, gradients, rewards: [chosen, rejected] } = self.loss(lesson, sums);
        let gradients = [(&pair.chosen, gradients[0]), (&pair.rejected, gradients[1])];
        let means = [sums[0] / length(&pair.chosen), sums[1] / length(&pair.rejected)];
        let [own, other] = if self.reports_means() { means } else { sums };
        let mut term = Term {
            loss: loss / batch.total,
            gradients: gradients.map(|(stream, gradient)| spread(stream, gradient / batch.total)).to_vec(),
            metrics: vec![
                ("rewards/chosen", chosen, 1.0),
                ("rewards/rejected", rejected, 1.0),
                ("rewards/margins", chosen - rejected, 1.0),
                ("rewards/accuracies", f64::from(u8::from(chosen > rejected)), 1.0),
                ("logps/chosen", own, 1.0),
                ("logps/rejected", other, 1.0),
                ("length/chosen", pair.chosen.taught() as f64, 1.0),
                ("length/rejected", pair.rejected.taught() as f64, 1.0),
            ],
        };
        if self.settings.loss == Loss::Odds {
            let ahead = log_odds(means[0]) - log_odds(means[1]);
            term.metrics.extend([("log_odds_chosen", ahead, 1.0), ("log_odds_ratio", log_sigmoid(ahead), 1.0)]);
        }
        if self.settings.nll != 0.0 {
            let shares = self.likelihood(lesson, batch);
            let nll: f64 = -shares.iter().zip(&log_probs[0]).map(|(share, p)| share * p).sum::<f64>();
            term.loss += self.settings.nll * nll;
            term.gradients[0]
                .iter_mut()
                .zip(shares)
                .for_each(|(gradient, share)| *gradient -= self.settings.nll * share);
            // The batch's is the sum of these.
            term.metrics.push(("nll_loss", nll * batch.total, 1.0));
        }
        term
    }

    fn ema(&self) -> Option<&EmaModel> {
        self.reference.as_ref().and_then(ReferenceScores::ema)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn settings() -> Prefer {
        Prefer { smoothing: 0.1, margin: 0.2, ..Prefer::default() }
    }

    fn pair() -> Pair {
        let mut chosen = Stream::new("c", &[1], &[2, 3], 1.0);
        chosen.weights[2] = 0.5;
        Pair { chosen, rejected: Stream::new("r", &[1], &[4, 5, 6], 1.0), gap: 1.0, better: Vec::new() }
    }

    #[test]
    fn gradients_are_derivatives_for_every_loss() {
        let (pair, at) = (pair(), vec![vec![vec![0.0, -0.5, -1.5], vec![0.0, -2.0, -0.1, -0.7]]]);
        for loss in [Loss::Sigmoid, Loss::Hinge, Loss::Ipo, Loss::Robust, Loss::Squared, Loss::Odds] {
            for (per_token, nll_over) in [
                (false, Likelihood::Answers),
                (true, Likelihood::Answers),
                (false, Likelihood::Tokens),
                (false, Likelihood::WithPrompts),
            ] {
                let settings = Prefer { loss, per_token, nll_over, nll: 0.5, ..settings() };
                check::gradients(&Pairs::new(&settings, vec![&pair], None), &at);
                if loss != Loss::Odds {
                    let reference = vec![vec![vec![0.0, -1.0, -1.0], vec![0.0, -1.0, -1.0, -1.0]]];
                    check::gradients(&Pairs::new(&settings, vec![&pair], Some(ReferenceScores::Fixed(reference))), &at);
                }
            }
        }
    }

    #[test]
    fn only_the_setting_that_says_so_puts_a_gradient_on_the_prompt() {
        let mut pair = pair();
        pair.chosen = Stream::new("c", &[1, 9], &[2, 3], 1.0);
        let at = [vec![0.0, -3.0, -0.5, -1.5], vec![0.0, -2.0, -0.1, -0.7]];
        let on_prompt = |nll_over| {
            let settings = Prefer { nll: 1.0, nll_over, ..settings() };
            let pairs = Pairs::new(&settings, vec![&pair], None);
            pairs.term(0, &pairs.batch(&[0], &|_| Vec::new()), &at).gradients[0][..2].to_vec()
        };
        assert_eq!(on_prompt(Likelihood::Answers), [0.0, 0.0]);
        assert_eq!(on_prompt(Likelihood::Tokens), [0.0, 0.0]);
        assert_eq!(on_prompt(Likelihood::WithPrompts), [0.0, -1.0 / 3.0]);
    }

    #[test]
    fn what_reference_and_model_share_cancels() {
        let (pair, settings) = (pair(), Prefer::default());
        let at = [vec![0.0, -0.5, -1.5], vec![0.0, -2.0, -0.1, -0.7]];
        let pairs = Pairs::new(&settings, vec![&pair], Some(ReferenceScores::Fixed(vec![at.to_vec()])));
        let term = pairs.term(0, &pairs.batch(&[0], &|_| Vec::new()), &at);
        assert_eq!(term.loss, 2f64.ln(), "a model that is its own reference is indifferent");
        assert_eq!(term.gradients[0], [0.0, -0.05, -0.025]);
        assert_eq!(term.gradients[1], [0.0, 0.05, 0.05, 0.05]);
    }
}
