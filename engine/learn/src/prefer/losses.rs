//! Losses of one pair as functions of how much the model prefers the chosen answer, with their
//! derivatives.

use serde::{Deserialize, Serialize};

use crate::objective::{log_sigmoid, sigmoid};

/// The loss as a function of the preference `h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// `-log sigmoid(beta h - margin)`: the Bradley–Terry model (Rafailov et al. 2023, arXiv
    /// 2305.18290, equation 7); with smoothing `s`, `(1-s)` of it and `s` of the flipped pair's
    /// (Mitchell 2023, conservative labels).
    Sigmoid,
    /// `max(0, 1 - beta h)` (Zhao et al. 2023, arXiv 2305.10425).
    Hinge,
    /// `(h - 1 / (2 beta))²`, `h` being the mean per token (Azar et al. 2023, arXiv 2310.12036,
    /// equation 17; its authors confirmed to TRL that the mean is meant).
    Ipo,
    /// Unbiased where a share `smoothing` of the pairs is flipped (Chowdhury et al. 2024, arXiv
    /// 2403.00409, equation 12).
    Robust,
    /// `(beta h - gap)²`: regression on the difference of the rewards (Gao et al. 2024, arXiv
    /// 2404.16767).
    Squared,
    /// `-beta log sigmoid(log odds of chosen - log odds of rejected)`, each of the mean per token
    /// (Hong et al. 2024, arXiv 2403.07691, equations 6 and 7).
    Odds,
}

/// The constants of a pair's loss.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constants {
    pub(super) beta: f64,
    pub(super) margin: f64,
    pub(super) smoothing: f64,
    /// Difference of the rewards.
    pub(super) gap: f64,
}

/// Loss and derivative by `h`. Not for [`Loss::Odds`], which is no function of a difference.
pub(super) fn of_difference(loss: Loss, h: f64, with: Constants) -> (f64, f64) {
    let Constants { beta, margin, smoothing, gap } = with;
    match loss {
        Loss::Sigmoid | Loss::Odds => {
            let x = beta * h - margin;
            let value = -(1.0 - smoothing) * log_sigmoid(x) - smoothing * log_sigmoid(-x);
            (value, beta * (smoothing * sigmoid(x) - (1.0 - smoothing) * sigmoid(-x)))
        }
        Loss::Hinge => {
            let short = 1.0 - beta * h;
            (short.max(0.0), if short > 0.0 { -beta } else { 0.0 })
        }
        Loss::Ipo => {
            let off = h - 1.0 / (2.0 * beta);
            (off * off, 2.0 * off)
        }
        Loss::Robust => {
            let (x, clean) = (beta * h, 1.0 - 2.0 * smoothing);
            let value = (-(1.0 - smoothing) * log_sigmoid(x) + smoothing * log_sigmoid(-x)) / clean;
            (value, -beta * ((1.0 - smoothing) * sigmoid(-x) + smoothing * sigmoid(x)) / clean)
        }
        Loss::Squared => {
            let off = beta * h - gap;
            (off * off, 2.0 * beta * off)
        }
    }
}

/// Loss of the odds of two answers, whose mean log-probabilities per token are given, and its
/// derivatives by these.
pub(super) fn of_odds(chosen: f64, rejected: f64, beta: f64) -> (f64, f64, f64) {
    let x = log_odds(chosen) - log_odds(rejected);
    let gradient = -beta * sigmoid(-x);
    // d log(p / (1 - p)) / d log p = 1 / (1 - p)
    (-beta * log_sigmoid(x), gradient / rest(chosen), -gradient / rest(rejected))
}

/// `log(p / (1 - p))`.
pub(super) fn log_odds(log_p: f64) -> f64 {
    log_p - rest(log_p).ln()
}

/// `1 - p`, exact for `p` near 1, and never 0: a certain answer's odds are only very large.
fn rest(log_p: f64) -> f64 {
    (-log_p.exp_m1()).max(f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH: Constants = Constants { beta: 0.3, margin: 0.5, smoothing: 0.1, gap: 0.7 };
    const ALL: [Loss; 5] = [Loss::Sigmoid, Loss::Hinge, Loss::Ipo, Loss::Robust, Loss::Squared];

    #[test]
    fn every_derivative_is_that_of_its_loss() {
        for loss in ALL {
            for h in [-8.0, -0.4, 0.0, 1.3, 9.0] {
                let at = |by: f64| of_difference(loss, h + by, WITH).0;
                let wanted = (at(1e-6) - at(-1e-6)) / 2e-6;
                let found = of_difference(loss, h, WITH).1;
                let near = (found - wanted).abs() < 1e-7 * (1.0 + wanted.abs());
                assert!(near, "{loss:?} at {h}: {found} is not {wanted}");
            }
        }
        let (_, by_chosen, by_rejected) = of_odds(-0.2, -1.5, 0.1);
        let by = |c: f64, r: f64| of_odds(-0.2 + c, -1.5 + r, 0.1).0;
        assert!((by_chosen - (by(1e-6, 0.0) - by(-1e-6, 0.0)) / 2e-6).abs() < 1e-8);
        assert!((by_rejected - (by(0.0, 1e-6) - by(0.0, -1e-6)) / 2e-6).abs() < 1e-8);
    }

    #[test]
    fn indifference_costs_what_its_closed_form_says() {
        let plain = Constants { beta: 0.1, margin: 0.0, smoothing: 0.0, gap: 0.0 };
        assert_eq!(of_difference(Loss::Sigmoid, 0.0, plain).0, 2f64.ln());
        assert_eq!(of_difference(Loss::Robust, 0.0, plain).0, 2f64.ln());
        assert_eq!(of_difference(Loss::Hinge, 0.0, plain).0, 1.0);
        assert_eq!(of_difference(Loss::Ipo, 0.0, plain).0, 25.0);
        assert_eq!(of_difference(Loss::Squared, 0.0, plain).0, 0.0);
        assert!((of_odds(-1.0, -1.0, 1.0).0 - 2f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn a_certain_answer_breaks_nothing() {
        let (loss, by_chosen, by_rejected) = of_odds(0.0, -3.0, 1.0);
        assert!(loss.is_finite() && by_chosen.is_finite() && by_rejected.is_finite());
    }

    #[test]
    fn robust_is_unbiased_under_flips() {
        // With a share s of flipped pairs, its expectation is the clean loss.
        let (h, clean) = (1.7, Constants { beta: 0.3, margin: 0.0, smoothing: 0.0, gap: 0.0 });
        let noisy = Constants { smoothing: 0.2, ..clean };
        let mean = 0.8 * of_difference(Loss::Robust, h, noisy).0 + 0.2 * of_difference(Loss::Robust, -h, noisy).0;
        assert!((mean - of_difference(Loss::Sigmoid, h, clean).0).abs() < 1e-12);
    }
}
