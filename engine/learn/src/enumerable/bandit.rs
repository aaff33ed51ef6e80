//! The bandit of three arms.

use nouns::{Lesson, Pair, Rollout, Stream, Valued, Viewed};

use super::{POLICY, REFERENCE, arms, descend, near, same, score, stream};
use crate::distill::{Said, Teacher};
use crate::objective::{Batch, Objective, sigmoid};
use crate::reference_scores::ReferenceScores;
use crate::{
    ActorCritic, Distill, Divergence, Estimator, Gap, Imitate, Improvement, Likelihood, Loss, Mean, Measure,
    PolicyGradient, Prefer, Ratio, Reward, Value,
};

const WORTH: [f64; 3] = [1.0, -0.5, 0.25];

/// Every arm once, as often as `behaviour` pulls it.
fn pulled(behaviour: [f64; 3], worth: [f64; 3]) -> Vec<Lesson> {
    let lesson = |arm: usize| {
        let mut rollout =
            Rollout::new("p", &[9], &[arm as u32], &[behaviour[arm].ln() as f32], worth[arm] as f32, arm as u32);
        rollout.stream = stream(arms()[arm], behaviour[arm]);
        Lesson::Rollout(rollout)
    };
    (0..3).map(lesson).collect()
}

fn alone() -> Vec<Vec<super::Path>> {
    arms().map(|arm| vec![arm]).to_vec()
}

/// A sum over arms, each weighed by its probability.
fn summed() -> PolicyGradient {
    PolicyGradient { mean: Mean::Total, length: 1.0 / 3.0, ..PolicyGradient::default() }
}

/// The gradient of an expectation that is weighed by the policy, as a loss: `-p (worth - mean)`.
fn wanted(worth: [f64; 3]) -> super::Table {
    let p = POLICY.arms();
    score(&[0, 1, 2].map(|arm| (arms()[arm], -p[arm] * worth[arm])))
}

#[test]
fn imitation_is_the_difference_of_the_shares() {
    let shares = [0.5, 0.2, 0.3];
    let lessons = [0, 1, 2].map(|arm| stream(arms()[arm], shares[arm]));
    let part = Imitate::default();
    let (loss, gradient) = descend(&part.objective(lessons.iter().collect()), &alone());
    let p = POLICY.arms();
    near("loss", loss, -(0..3).map(|arm| shares[arm] * p[arm].ln()).sum::<f64>());
    (0..3).for_each(|arm| near("logit", gradient.first[arm], p[arm] - shares[arm]));
}

#[test]
fn odds_and_likelihood_have_their_closed_form() {
    let (p, lambda) = (POLICY.arms(), 0.3);
    let pair = Pair { chosen: stream(arms()[2], 1.0), rejected: stream(arms()[0], 1.0), gap: 1.0, better: vec![] };
    let lessons = [Lesson::Pair(pair)];
    let part = Prefer { loss: Loss::Odds, beta: lambda, nll: 1.0, nll_over: Likelihood::Tokens, ..Prefer::default() };
    let objective = part.objective(&lessons, None).expect("pairs");
    let (loss, gradient) = descend(&objective, &[vec![arms()[2], arms()[0]]]);
    let odds = (p[2] / (1.0 - p[2])) / (p[0] / (1.0 - p[0]));
    near("loss", loss, -p[2].ln() - lambda * (odds / (1.0 + odds)).ln());
    // d log(p / (1 - p)) = d log p / (1 - p)
    let derivative = lambda / (1.0 + odds);
    let weights = [(arms()[2], -1.0 - derivative / (1.0 - p[2])), (arms()[0], derivative / (1.0 - p[0]))];
    same("odds", &gradient, &score(&weights));
}

/// ReferenceScores to itself by beta and rewarded by its own log-likelihood, a model ends as itself
/// to the power of `1 + 1 / beta` (Huang et al. 2024, arXiv 2412.01951, section 3.2): here the
/// policy is that power of the reference.
#[test]
fn a_models_own_likelihood_as_the_reward_has_a_power_of_it_for_its_optimum() {
    for beta in [0.2, 1.0, 5.0] {
        let base = super::Table { first: POLICY.first.map(|logit| logit / (1.0 + 1.0 / beta)), ..POLICY };
        let pairs = [(0, 1), (1, 2), (2, 0)].map(|(one, other): (usize, usize)| [arms()[one], arms()[other]]);
        let lesson = |[chosen, rejected]: [super::Path; 2]| {
            let gap = base.log_prob(chosen) - base.log_prob(rejected);
            let (chosen, rejected) = (stream(chosen, 1.0), stream(rejected, 1.0));
            Lesson::Pair(Pair { chosen, rejected, gap, better: vec![] })
        };
        let (lessons, paths) = (pairs.map(lesson), pairs.map(|pair| pair.to_vec()));
        let part = Prefer { loss: Loss::Squared, beta, ..Prefer::default() };
        let held = |reference: &super::Table| {
            ReferenceScores::Fixed(pairs.map(|pair| pair.map(|path| reference.read(path)).to_vec()).to_vec())
        };
        let (loss, gradient) = descend(&part.objective(&lessons, Some(held(&base))).expect("pairs"), &paths);
        near("loss", loss, 0.0);
        same("optimum", &gradient, &super::Table { first: [0.0; 3], second: [[0.0; 2]; 3] });
        let elsewhere = descend(&part.objective(&lessons, Some(held(&REFERENCE))).expect("pairs"), &paths).0;
        assert!(elsewhere > 1e-3, "{beta}: of another reference it is no optimum, {elsewhere}");
    }
}

#[test]
fn drawn_by_another_the_ratio_makes_it_the_policy_gradient() {
    for (ratio, truncate) in [(Ratio::None, 1e9), (Ratio::Token, 0.0), (Ratio::Sequence, 0.0)] {
        let part = PolicyGradient { ratio, truncate, clip_low: 1e9, clip_high: 1e9, ..summed() };
        let lessons = pulled(REFERENCE.arms(), WORTH);
        let objective = part.objective(&lessons, None).expect("rollouts");
        same(&format!("{ratio:?}"), &descend(&objective, &alone()).1, &wanted(WORTH));
    }
}

#[test]
fn a_clipped_arm_has_no_gradient_and_a_truncated_one_its_bound() {
    let (p, b) = (POLICY.arms(), REFERENCE.arms());
    let ratios = [0, 1, 2].map(|arm| p[arm] / b[arm]);
    assert!(ratios[0] > 1.28 && ratios[1] < 0.8 && (1.2..1.28).contains(&ratios[2]), "{ratios:?}");
    let derivatives = |ratio, truncate, worth| {
        let part = PolicyGradient { ratio, truncate, clip_high: 0.28, ..summed() };
        let lessons = pulled(b, worth);
        descend(&part.objective(&lessons, None).expect("rollouts"), &alone()).1
    };
    // The first arm is likelier already and good, the second rarer already and bad: neither is pushed on.
    let kept = score(&[(arms()[2], -b[2] * ratios[2] * 0.25)]);
    same("clipped", &derivatives(Ratio::Token, 0.0, [1.0, -0.5, 0.25]), &kept);
    let bounded = [0, 1, 2].map(|arm| (arms()[arm], -b[arm] * ratios[arm].min(1.1) * WORTH[arm]));
    same("truncated", &derivatives(Ratio::None, 1.1, WORTH), &score(&bounded));
}

#[test]
fn a_divergence_in_the_loss_has_the_gradient_of_its_estimator_and_a_bonus_that_of_entropy() {
    let (p, q) = (POLICY.arms(), REFERENCE.arms());
    let reverse: f64 = (0..3).map(|arm| p[arm] * (p[arm] / q[arm]).ln()).sum();
    let entropy: f64 = -p.iter().map(|p| p * p.ln()).sum::<f64>();
    for (estimator, kl, bonus, closed) in [
        (Estimator::K1, 0.4, 0.0, [0.0; 3]),
        (Estimator::K2, 0.4, 0.0, [0, 1, 2].map(|arm| 0.4 * p[arm] * ((p[arm] / q[arm]).ln() - reverse))),
        (Estimator::K3, 0.4, 0.0, [0, 1, 2].map(|arm| 0.4 * (p[arm] - q[arm]))),
        (Estimator::K3, 0.0, 0.2, [0, 1, 2].map(|arm| 0.2 * p[arm] * (p[arm].ln() + entropy))),
    ] {
        let part = PolicyGradient { ratio: Ratio::None, estimator, kl, entropy: bonus, ..summed() };
        let lessons = pulled(p, [0.0; 3]);
        let held = ReferenceScores::Fixed(arms().map(|arm| vec![REFERENCE.read(arm)]).to_vec());
        let (_, gradient) = descend(&part.objective(&lessons, Some(held)).expect("rollouts"), &alone());
        (0..3).for_each(|arm| near(&format!("{estimator:?}"), gradient.first[arm], closed[arm]));
    }
}

#[test]
fn an_actor_learns_what_its_critic_did_not_expect_and_the_critic_the_mean() {
    let (p, value) = (POLICY.arms(), 0.2);
    let part = ActorCritic { whiten: false, kl: 0.0, value_weight: 0.5, value_clip: 0.0, ..ActorCritic::default() };
    let lessons = pulled(p, WORTH);
    let before: Vec<Vec<f64>> = arms().map(|arm| [POLICY.read(arm), vec![0.0, value]].concat()).to_vec();
    let objective = part.objective(&lessons, &before, None).expect("rollouts");
    let (mut gradient, mut by_value) = (super::Table { first: [0.0; 3], second: [[0.0; 2]; 3] }, 0.0);
    for (number, arm) in arms().into_iter().enumerate() {
        let term = objective.term(number, &Batch { total: 1.0, level: 0.0 }, &[before[number].clone()]);
        POLICY.back(arm, &term.gradients[0][..2], &mut gradient);
        by_value += term.gradients[0][3];
    }
    same("actor", &gradient, &wanted(WORTH));
    let mean: f64 = (0..3).map(|arm| p[arm] * WORTH[arm]).sum();
    near("critic", by_value, 0.5 * (value - mean));
}

/// Loss and derivatives of an objective over given numbers.
fn at(objective: &dyn Objective, seen: &[Vec<f64>]) -> (f64, Vec<Vec<f64>>) {
    let batch = objective.batch(&[0], &|_| Vec::new());
    let term = objective.term(0, &batch, seen);
    (term.loss, term.gradients)
}

#[test]
fn scores_of_pairs_have_the_gradient_of_the_logistic() {
    let (chosen, rejected) = (Stream::new("c", &[9], &[0], 1.0), Stream::new("r", &[9], &[1], 1.0));
    let pair = |better: &[f64]| {
        let (chosen, rejected) = (chosen.clone(), rejected.clone());
        [Lesson::Pair(Pair { chosen, rejected, gap: 0.4, better: better.to_vec() })]
    };
    let d: f64 = 0.7 - (-0.2);
    for (gap, loss, derivative) in [
        (Gap::Unused, (1.0 + (-d).exp()).ln(), -sigmoid(-d)),
        (Gap::Margin, (1.0 + (0.4 - d).exp()).ln(), -sigmoid(0.4 - d)),
    ] {
        let (part, lessons) = (Reward { gap, ..Reward::default() }, pair(&[]));
        let (found, derivatives) = at(&part.objective(&lessons).expect("pairs"), &[vec![0.0, 0.7], vec![0.0, -0.2]]);
        near("loss", found, loss);
        assert_eq!((derivatives[0][0], derivatives[1][0]), (0.0, 0.0));
        near("chosen", derivatives[0][1], derivative);
        near("rejected", derivatives[1][1], -derivative);
    }
    let (part, lessons) = (Reward::default(), pair(&[0.75, 0.5]));
    let (_, derivatives) =
        at(&part.objective(&lessons).expect("pairs"), &[vec![0.0, 0.0, 0.7, 0.1], vec![0.0, 0.0, -0.2, 0.1]]);
    near("first criterion", derivatives[0][2], (sigmoid(d) - 0.75) / 2.0);
    near("second criterion", derivatives[0][3], 0.0);
    let part = Improvement::default();
    let lessons = pair(&[]);
    let seen: Vec<Vec<f64>> = [0.6, 0.1, -0.1, -0.4].map(|score| vec![0.0, 0.0, score]).to_vec();
    let (loss, derivatives) = at(&part.objective(&lessons).expect("pairs"), &seen);
    let differences: [f64; 5] = [0.5, 0.7, 1.0, 0.5, 0.3];
    near("relations", loss, differences.iter().map(|d| (1.0 + (-d).exp()).ln()).sum());
    near("improved", derivatives[0][2], -sigmoid(-0.5) - sigmoid(-0.7) - sigmoid(-1.0));
    near("copied", derivatives[1][2], sigmoid(-0.5) - sigmoid(-0.5));
}

#[test]
fn values_have_the_gradient_of_their_measure() {
    let lessons = [Lesson::Valued(Valued::new("v", &[9], &[0], &[(0, 0.25)]))];
    for (measure, scores, loss, derivatives) in [
        (Measure::Squared, vec![0.0, 0.75], 0.25, vec![0.0, 1.0]),
        (Measure::Binary, vec![0.0, 0.0], 2f64.ln(), vec![0.0, 0.25]),
        (Measure::Classes, vec![0.0; 4], 2f64.ln(), vec![0.0, 0.0, -0.25, 0.25]),
    ] {
        let part = Value { measure, ..Value::default() };
        let (found, by) = at(&part.objective(&lessons).expect("values"), &[scores]);
        near("loss", found, loss);
        by[0].iter().zip(derivatives).for_each(|(found, wanted)| near("derivative", *found, wanted));
    }
}

#[test]
fn a_student_moves_by_the_gradient_of_its_divergence_from_the_teacher() {
    let (p, q, beta) = (POLICY.arms(), REFERENCE.arms(), 0.3);
    let m = [0, 1, 2].map(|arm| beta * q[arm] + (1.0 - beta) * p[arm]);
    let mean = |of: &dyn Fn(usize) -> f64| (0..3).map(|arm| p[arm] * of(arm)).sum::<f64>();
    let reverse = |arm: usize| (p[arm] / q[arm]).ln();
    let mixed = |arm: usize| (p[arm] / m[arm]).ln();
    let lessons = [Lesson::Viewed(Viewed { stream: Stream::new("v", &[9], &[0], 1.0), teacher: vec![9] })];
    for (divergence, closed) in [
        (Divergence::Forward, [0, 1, 2].map(|arm| p[arm] - q[arm])),
        (Divergence::Reverse, [0, 1, 2].map(|arm| p[arm] * (reverse(arm) - mean(&reverse)))),
        (Divergence::JensenShannon, [0, 1, 2].map(|arm| (1.0 - beta) * p[arm] * (mixed(arm) - mean(&mixed)))),
    ] {
        let part = Distill { divergence, beta, top_k: 0, ..Distill::default() };
        let said = Teacher::Fixed(vec![vec![None, Some(Said::of(&q.map(f64::ln), 0))]]);
        let objective = part.objective(&lessons, said).expect("views");
        let (_, derivatives) = at(&objective, &[[vec![0.0; 3], p.map(f64::ln).to_vec()].concat()]);
        let derivatives = &derivatives[0][3..];
        let all: f64 = derivatives.iter().sum();
        (0..3).for_each(|arm| near(&format!("{divergence:?}"), derivatives[arm] - p[arm] * all, closed[arm]));
    }
}
