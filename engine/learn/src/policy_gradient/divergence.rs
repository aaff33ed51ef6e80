//! Estimates of how far the model is from a reference, from the tokens that were drawn (Schulman
//! 2020, joschu.net/blog/kl-approx.html).

use serde::{Deserialize, Serialize};

/// An estimator of `KL(model || reference)` at one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// `log p - log q`: unbiased, often negative, and as a term of a loss without any gradient on
    /// average.
    K1,
    /// `(log p - log q)² / 2`: never negative; its gradient is that of the divergence.
    K2,
    /// `q/p - 1 - log(q/p)`: unbiased and never negative; its gradient is that of
    /// `KL(reference || model)`.
    K3,
}

impl Estimator {
    /// The estimate and its derivative by `log_p`.
    pub(crate) fn at(self, log_p: f64, log_q: f64) -> (f64, f64) {
        let ahead = log_p - log_q;
        match self {
            Estimator::K1 => (ahead, 1.0),
            Estimator::K2 => (0.5 * ahead * ahead, ahead),
            Estimator::K3 => ((-ahead).exp_m1() + ahead, -(-ahead).exp_m1()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 3] = [0.7, 0.2, 0.1];
    const Q: [f64; 3] = [0.3, 0.5, 0.2];

    fn mean(estimator: Estimator, value: impl Fn((f64, f64)) -> f64) -> f64 {
        (0..3).map(|arm| P[arm] * value(estimator.at(P[arm].ln(), Q[arm].ln()))).sum()
    }

    #[test]
    fn the_first_and_the_third_are_unbiased_and_the_others_never_negative() {
        let wanted: f64 = (0..3).map(|arm| P[arm] * (P[arm] / Q[arm]).ln()).sum();
        assert!((mean(Estimator::K1, |(value, _)| value) - wanted).abs() < 1e-12);
        assert!((mean(Estimator::K3, |(value, _)| value) - wanted).abs() < 1e-12);
        for (p, q) in [(0.9, 0.1), (0.1, 0.9), (0.5, 0.5), (1e-9, 1.0)] {
            for estimator in [Estimator::K2, Estimator::K3] {
                assert!(estimator.at(f64::ln(p), f64::ln(q)).0 >= 0.0);
            }
        }
    }

    #[test]
    fn on_average_the_second_has_the_gradient_of_the_divergence_and_the_first_has_none() {
        // The gradient by the logit of an arm: the score function of a softmax is `[arm = a] - p(arm)`.
        let gradient = |estimator: Estimator, arm: usize| -> f64 {
            let gradient = |drawn: usize| estimator.at(P[drawn].ln(), Q[drawn].ln()).1;
            (0..3).map(|drawn| P[drawn] * gradient(drawn) * (f64::from(u8::from(drawn == arm)) - P[arm])).sum()
        };
        let divergence: f64 = (0..3).map(|arm| P[arm] * (P[arm] / Q[arm]).ln()).sum();
        for arm in 0..3 {
            let reverse = P[arm] * ((P[arm] / Q[arm]).ln() - divergence);
            assert!(gradient(Estimator::K1, arm).abs() < 1e-12);
            assert!((gradient(Estimator::K2, arm) - reverse).abs() < 1e-12);
            assert!((gradient(Estimator::K3, arm) - (P[arm] - Q[arm])).abs() < 1e-12, "of KL(reference || model)");
        }
    }

    #[test]
    fn every_derivative_is_that_of_its_estimate() {
        for estimator in [Estimator::K1, Estimator::K2, Estimator::K3] {
            let at = |by: f64| estimator.at(-1.2 + by, -0.4).0;
            assert!((estimator.at(-1.2, -0.4).1 - (at(1e-6) - at(-1e-6)) / 2e-6).abs() < 1e-8);
        }
    }
}
