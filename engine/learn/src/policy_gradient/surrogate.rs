//! What one answer's credit makes of its tokens' log-probabilities.

use serde::{Deserialize, Serialize};

/// Importance weight of an answer that an older policy sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ratio {
    /// Nothing: `-A log p` (Williams 1992), times the truncated weight
    /// `min(p / behaviour, truncate)` if there is one.
    None,
    /// `p / behaviour` of each token, clipped (Schulman et al. 2017, arXiv 1707.06347, equation 7).
    Token,
    /// The geometric mean of the tokens' ratios, clipped (Zheng et al. 2025, arXiv 2507.18071,
    /// equation 7).
    Sequence,
}

/// The constants of the surrogate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clip {
    pub(crate) ratio: Ratio,
    /// Ratios below `1 - low` and above `1 + high` gain nothing more.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The largest weight of a token where there is no ratio; 0 for none.
    pub(crate) truncate: f64,
}

/// One taught token: its log-probabilities, its credit, and its share of the batch's loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) log_p: f64,
    pub(crate) behaviour: f64,
    pub(crate) advantage: f64,
    pub(crate) share: f64,
}

/// Loss of an answer, its derivative by each token's log-probability, and what happened to the
/// ratios.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Surrogate {
    pub(crate) loss: f64,
    pub(crate) gradients: Vec<f64>,
    /// Tokens whose ratio was held at the lower, and at the upper bound.
    pub(crate) clipped: [usize; 2],
}

impl Clip {
    pub(crate) fn of(&self, tokens: &[Token]) -> Surrogate {
        match self.ratio {
            Ratio::None => self.plain(tokens),
            Ratio::Token => self.by_token(tokens),
            Ratio::Sequence => self.by_sequence(tokens),
        }
    }

    /// The weight is a number, not a function of the model: its own gradient is not followed.
    fn plain(&self, tokens: &[Token]) -> Surrogate {
        let gradient = |t: &Token| {
            let weight = if self.truncate > 0.0 { (t.log_p - t.behaviour).exp().min(self.truncate) } else { 1.0 };
            -t.share * t.advantage * weight
        };
        let gradients: Vec<f64> = tokens.iter().map(gradient).collect();
        let loss = tokens.iter().zip(&gradients).map(|(t, gradient)| gradient * t.log_p).sum();
        Surrogate { loss, gradients, clipped: [0, 0] }
    }

    fn by_token(&self, tokens: &[Token]) -> Surrogate {
        let mut found = Surrogate::default();
        for t in tokens {
            let ratio = (t.log_p - t.behaviour).exp();
            let held = self.held(ratio, t.advantage);
            found.count(held);
            found.loss -= t.share * t.advantage * self.value(ratio, held);
            found.gradients.push(if held.is_some() { 0.0 } else { -t.share * t.advantage * ratio });
        }
        found
    }

    fn by_sequence(&self, tokens: &[Token]) -> Surrogate {
        let length = tokens.len().max(1) as f64;
        let ratio = (tokens.iter().map(|t| t.log_p - t.behaviour).sum::<f64>() / length).exp();
        let (mut found, mut gradient) = (Surrogate::default(), 0.0);
        for t in tokens {
            let held = self.held(ratio, t.advantage);
            found.count(held);
            found.loss -= t.share * t.advantage * self.value(ratio, held);
            gradient -= if held.is_some() { 0.0 } else { t.share * t.advantage * ratio / length };
        }
        found.gradients = vec![gradient; tokens.len()];
        found
    }

    /// At which bound a ratio is held: only where going on would gain.
    fn held(&self, ratio: f64, advantage: f64) -> Option<usize> {
        match advantage {
            a if a < 0.0 && ratio < 1.0 - self.low => Some(0),
            a if a > 0.0 && ratio > 1.0 + self.high => Some(1),
            _ => None,
        }
    }

    fn value(&self, ratio: f64, held: Option<usize>) -> f64 {
        match held {
            None => ratio,
            Some(0) => 1.0 - self.low,
            Some(_) => 1.0 + self.high,
        }
    }
}

impl Surrogate {
    fn count(&mut self, held: Option<usize>) {
        if let Some(bound) = held {
            self.clipped[bound] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIOS: [Ratio; 3] = [Ratio::None, Ratio::Token, Ratio::Sequence];

    fn clip(ratio: Ratio) -> Clip {
        Clip { ratio, low: 0.2, high: 0.28, truncate: 0.0 }
    }

    fn token(log_p: f64, behaviour: f64, advantage: f64) -> Token {
        Token { log_p, behaviour, advantage, share: 0.5 }
    }

    #[test]
    fn every_gradient_is_a_derivative() {
        let tokens = [token(-1.0, -1.1, 1.0), token(-0.5, -2.0, 1.0), token(-3.0, -1.0, -2.0), token(-1.0, -1.0, -0.3)];
        for ratio in RATIOS {
            let found = clip(ratio).of(&tokens);
            for place in 0..tokens.len() {
                let at = |by: f64| {
                    let mut moved = tokens;
                    moved[place].log_p += by;
                    clip(ratio).of(&moved).loss
                };
                let wanted = (at(1e-6) - at(-1e-6)) / 2e-6;
                assert!((found.gradients[place] - wanted).abs() < 1e-8, "{ratio:?} {place}: {found:?} {wanted}");
            }
        }
    }

    #[test]
    fn at_ratio_one_every_form_has_the_policy_gradient() {
        let tokens = [token(-1.0, -1.0, 1.5), token(-0.3, -0.3, 1.5)];
        for ratio in RATIOS {
            let found = clip(ratio).of(&tokens);
            assert_eq!((found.gradients, found.clipped), (vec![-0.75, -0.75], [0, 0]), "{ratio:?}");
        }
    }

    #[test]
    fn a_ratio_is_held_only_where_going_on_would_gain() {
        let gradient =
            |log_ratio: f64, advantage: f64| clip(Ratio::Token).of(&[token(log_ratio, 0.0, advantage)]).gradients[0];
        assert_eq!(gradient(1.0, 1.0), 0.0, "likelier already");
        assert_eq!(gradient(-1.0, -1.0), 0.0, "less likely already");
        assert!(gradient(-1.0, 1.0) < 0.0 && gradient(1.0, -1.0) > 0.0, "and back it may always go");
        // Between 1.2 and 1.28 the asymmetric bound still lets a good token grow.
        assert!(gradient(1.25f64.ln(), 1.0) < 0.0);
    }

    #[test]
    fn a_truncated_weight_never_exceeds_its_bound() {
        let truncating = Clip { truncate: 2.0, ..clip(Ratio::None) };
        let found = truncating.of(&[token(0.0, -3.0, 1.0), token(-1.0, 0.0, 1.0)]);
        assert_eq!(found.gradients, [-1.0, -0.5 * (-1f64).exp()]);
    }
}
