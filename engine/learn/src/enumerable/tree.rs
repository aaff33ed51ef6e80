//! The tree of two steps.

use nouns::{Judged, Lesson, Pair, Rollout};

use super::{POLICY, Path, REFERENCE, descend, descend_at, near, paths, same, score, stream};
use crate::kto::Refers;
use crate::objective::{Batch, sigmoid};
use crate::reference_scores::ReferenceScores;
use crate::{ActorCritic, Charge, Imitate, Kto, Loss, Mean, PolicyGradient, Prefer, Ratio};

/// What the paths are worth.
const WORTH: [f64; 6] = [1.0, 0.0, 0.5, -0.5, 0.2, 0.9];

/// Every path once, as often as the policy takes it.
fn walked(worth: impl Fn(usize) -> f64) -> Vec<Lesson> {
    let lesson = |(number, path): (usize, Path)| {
        let log_probs: Vec<f32> = POLICY.read(path)[1..].iter().map(|&p| p as f32).collect();
        let taken = stream(path, POLICY.share(path));
        let mut rollout =
            Rollout::new("p", &taken.tokens[..1], &taken.tokens[1..], &log_probs, worth(number) as f32, number as u32);
        rollout.stream = taken;
        Lesson::Rollout(rollout)
    };
    paths().into_iter().enumerate().map(lesson).collect()
}

fn alone() -> Vec<Vec<Path>> {
    paths().into_iter().map(|path| vec![path]).collect()
}

/// A sum over tokens, each weighed by its path's probability.
fn summed() -> PolicyGradient {
    PolicyGradient { mean: Mean::Total, length: 1.0 / 6.0, ..PolicyGradient::default() }
}

/// The policy gradient of what the paths are worth, as a loss.
fn wanted(worth: impl Fn(usize) -> f64) -> super::Table {
    let weights = paths().into_iter().enumerate().map(|(n, path)| (path, -POLICY.share(path) * worth(n)));
    score(&weights.collect::<Vec<_>>())
}

#[test]
fn imitation_is_the_cross_entropy_of_the_lessons_shares() {
    let shares = [0.3, 0.1, 0.05, 0.15, 0.25, 0.15];
    let lessons: Vec<_> = paths().into_iter().zip(shares).map(|(path, share)| stream(path, share)).collect();
    let part = Imitate::default();
    let objective = part.objective(lessons.iter().collect());
    let (loss, gradient) = descend(&objective, &alone());
    // Two tokens a path: the mean over tokens is half the sum over paths.
    let surprise: f64 = paths().into_iter().zip(shares).map(|(path, share)| -share * POLICY.log_prob(path)).sum();
    near("loss", loss, surprise / 2.0);
    let weights: Vec<(Path, f64)> = paths().into_iter().zip(shares.map(|share| -share / 2.0)).collect();
    same("imitation", &gradient, &score(&weights));
}

#[test]
fn preferences_move_two_paths_apart_by_one_number() {
    let (chosen, rejected) = (paths()[1], paths()[4]);
    let lessons =
        [Lesson::Pair(Pair { chosen: stream(chosen, 1.0), rejected: stream(rejected, 1.0), gap: 0.8, better: vec![] })];
    let ahead = |path| POLICY.log_prob(path) - REFERENCE.log_prob(path);
    let (h, beta) = (ahead(chosen) - ahead(rejected), 0.4);
    for (loss, value, derivative) in [
        (Loss::Sigmoid, -sigmoid(beta * h).ln(), -beta * sigmoid(-beta * h)),
        (Loss::Hinge, 1.0 - beta * h, -beta),
        (Loss::Ipo, (h / 2.0 - 1.25f64).powi(2), (h / 2.0 - 1.25)),
        (Loss::Squared, (beta * h - 0.8f64).powi(2), 2.0 * beta * (beta * h - 0.8)),
    ] {
        let part = Prefer { loss, beta, ..Prefer::default() };
        let reference = ReferenceScores::Fixed(vec![vec![REFERENCE.read(chosen), REFERENCE.read(rejected)]]);
        let objective = part.objective(&lessons, Some(reference)).expect("pairs");
        let (found, gradient) = descend(&objective, &[vec![chosen, rejected]]);
        near("loss", found, value);
        same(&format!("{loss:?}"), &gradient, &score(&[(chosen, derivative), (rejected, -derivative)]));
    }
}

/// A reference that is the table.
struct ByTable(Vec<Path>);

impl Refers for ByTable {
    fn scores(&self, _: &[nouns::Stream]) -> Vec<Vec<f64>> {
        self.0.iter().map(|&path| REFERENCE.read(path)).collect()
    }
}

#[test]
fn labels_move_each_path_by_the_gradient_of_its_value() {
    let labelled = [(paths()[0], true), (paths()[3], false)];
    let judged = |(path, desirable)| Lesson::Judged(Judged { stream: stream(path, 1.0), context: 1, desirable });
    let lessons = labelled.map(judged);
    let part = Kto { beta: 0.7, undesirable: 1.5, ..Kto::default() };
    let reference = Box::new(ByTable(labelled.map(|(path, _)| path).to_vec()));
    let objective = part.objective(&lessons, Some(reference)).expect("labels");
    let level = 0.3;
    let (loss, gradient) =
        descend_at(&objective, &[vec![labelled[0].0], vec![labelled[1].0]], &Batch { total: 2.0, level });
    let ahead = |path| POLICY.log_prob(path) - REFERENCE.log_prob(path);
    let value = [sigmoid(0.7 * (ahead(labelled[0].0) - level)), sigmoid(0.7 * (level - ahead(labelled[1].0)))];
    near("loss", loss, ((1.0 - value[0]) + 1.5 * (1.0 - value[1])) / 2.0);
    let derivative = value.map(|v| 0.7 * v * (1.0 - v) / 2.0);
    same("labels", &gradient, &score(&[(labelled[0].0, -derivative[0]), (labelled[1].0, 1.5 * derivative[1])]));
}

#[test]
fn on_policy_every_ratio_has_the_policy_gradient_and_no_baseline_changes_it() {
    let mean: f64 = paths().into_iter().zip(WORTH).map(|(path, worth)| POLICY.share(path) * worth).sum();
    for ratio in [Ratio::None, Ratio::Token] {
        for baseline in [0.0, mean, -3.0] {
            let part = PolicyGradient { ratio, ..summed() };
            let lessons = walked(|n| WORTH[n] - baseline);
            let objective = part.objective(&lessons, None).expect("rollouts");
            same(&format!("{ratio:?}, {baseline}"), &descend(&objective, &alone()).1, &wanted(|n| WORTH[n]));
        }
    }
    // The ratio of an answer is a mean per token: each of its two tokens has half of the derivative, twice.
    let part = PolicyGradient { ratio: Ratio::Sequence, ..summed() };
    let lessons = walked(|n| WORTH[n]);
    let objective = part.objective(&lessons, None).expect("rollouts");
    same("sequence", &descend(&objective, &alone()).1, &wanted(|n| WORTH[n]));
}

#[test]
fn a_divergence_charged_in_the_reward_is_that_of_the_whole_path() {
    let reference =
        || Some(ReferenceScores::Fixed(paths().into_iter().map(|path| vec![REFERENCE.read(path)]).collect()));
    let part = PolicyGradient { ratio: Ratio::None, charge: Charge::Reward, kl: 0.3, ..summed() };
    let lessons = walked(|n| WORTH[n]);
    let objective = part.objective(&lessons, reference()).expect("rollouts");
    // The gradient of `E[worth] - 0.3 KL(policy || reference)`: the divergence is a reward, whose mean has no gradient of its own.
    let ahead = |n: usize| POLICY.log_prob(paths()[n]) - REFERENCE.log_prob(paths()[n]);
    same("charged", &descend(&objective, &alone()).1, &wanted(|n| WORTH[n] - 0.3 * ahead(n)));
}

#[test]
fn credit_by_turns_is_the_policy_gradient_too_where_it_is_what_is_to_come() {
    // The first step is credited with what is to come, the second with what comes after it: rewards are paid along the way.
    let (early, late) = ([0.5, -0.25, 0.0], WORTH);
    let mut lessons = walked(|n| late[n]);
    for (number, lesson) in lessons.iter_mut().enumerate() {
        let Lesson::Rollout(rollout) = lesson else { continue };
        rollout.advantages[1] += early[number / 2] as f32;
    }
    let part = PolicyGradient { ratio: Ratio::None, ..summed() };
    let objective = part.objective(&lessons, None).expect("rollouts");
    same("to go", &descend(&objective, &alone()).1, &wanted(|n| late[n] + early[n / 2]));
}

#[test]
fn a_critic_that_knows_leaves_the_policy_gradient_whatever_lambda() {
    let shares: Vec<f64> = paths().into_iter().map(|path| POLICY.share(path)).collect();
    let arms = POLICY.arms();
    let behind = |arm: usize| (0..2).map(|s| shares[2 * arm + s] * WORTH[2 * arm + s]).sum::<f64>() / arms[arm];
    let root: f64 = (0..3).map(|arm| arms[arm] * behind(arm)).sum();
    for lambda in [0.0, 0.5, 1.0] {
        let part = ActorCritic { whiten: false, lambda, kl: 0.0, value_weight: 0.0, ..ActorCritic::default() };
        let lessons = walked(|n| WORTH[n]);
        let read = |path: Path| [POLICY.read(path), vec![0.0, root, behind(path.first)]].concat();
        let before: Vec<Vec<f64>> = paths().into_iter().map(read).collect();
        let objective = part.objective(&lessons, &before, None).expect("rollouts");
        let mut gradient = super::Table { first: [0.0; 3], second: [[0.0; 2]; 3] };
        let batch = Batch { total: 1.0, level: 0.0 };
        for (number, path) in paths().into_iter().enumerate() {
            let term = crate::objective::Objective::term(&objective, number, &batch, &[before[number].clone()]);
            POLICY.back(path, &term.gradients[0][..3], &mut gradient);
        }
        same(&format!("lambda {lambda}"), &gradient, &wanted(|n| WORTH[n]));
    }
}
