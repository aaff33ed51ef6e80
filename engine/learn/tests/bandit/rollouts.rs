//! Arms that were pulled, with their advantages.

use learn::{
    BatchSettings, Charge, Estimator, LearnPart, Mean, OptimizerSettings, PolicyGradient, Ratio, Reference, Rule,
};
use networks::Packed;
use nouns::{Lesson, Rollout};

use super::{ARMS, CONTEXT, learn, log_probs, student};

/// Every arm as often as its weight says, drawn by the student as it is.
fn pulled(advantages: [f32; 3]) -> Vec<Lesson> {
    let before = log_probs(&student());
    let lesson = |arm: usize| {
        let rollout = Rollout::new("t", &CONTEXT, &[ARMS[arm]], &[before[arm] as f32], advantages[arm], 0);
        Lesson::Rollout(rollout)
    };
    (0..3).map(lesson).collect()
}

fn part(ratio: Ratio, mean: Mean) -> PolicyGradient {
    PolicyGradient { ratio, mean, epochs: 1.0, ..PolicyGradient::default() }
}

#[test]
fn the_right_arm_becomes_likelier_whatever_the_form() {
    let before = log_probs(&student());
    for ratio in [Ratio::None, Ratio::Token, Ratio::Sequence] {
        for mean in [Mean::Token, Mean::Sequence, Mean::Total] {
            let part = PolicyGradient {
                epochs: 10.0,
                optimizer: OptimizerSettings { lr: Some(1e-3), ..part(ratio, mean).optimizer },
                ..part(ratio, mean)
            };
            let (student, _) = learn(LearnPart::PolicyGradient(part), &pulled([-0.5, 1.0, -0.5]));
            let after = log_probs(&student);
            assert!(after[1] > before[1], "{ratio:?} {mean:?}: {before:?} {after:?}");
        }
    }
}

#[test]
fn a_constant_reward_changes_nothing() {
    let (student, update) = learn(LearnPart::PolicyGradient(PolicyGradient::default()), &pulled([0.0; 3]));
    assert_eq!(networks::digest(&student.decoder), update.from);
    assert!(update.steps.iter().all(|step| step.grad_norm == 0.0));
}

/// Log-probabilities of the arms after another context.
fn log_probs_behind(context: &[u32]) -> Vec<f64> {
    let arm = |arm: &u32| {
        let packed = Packed::of(std::iter::once([context, &[*arm]].concat()));
        f64::from(networks::values(&packed.log_probs(&student().decoder))[context.len() - 1])
    };
    ARMS.iter().map(arm).collect()
}

#[test]
fn arms_drawn_under_a_hint_and_weighed_by_their_ratio_have_the_gradient_without_it() {
    // The mean over draws under the hint of `ratio · A · d log p` is that over draws without it of `A · d log p`.
    let (plain, guided) = (log_probs(&student()), log_probs_behind(&[1, 2, 7]));
    assert!((plain[0] - guided[0]).abs() > 1e-3, "the hint changes what is drawn");
    let step = |behaviour: &[f64], ratio: Ratio, truncate: f64| {
        let lesson = |arm: usize| {
            let log_prob = behaviour[arm] as f32;
            let mut rollout = Rollout::new("t", &CONTEXT, &[ARMS[arm]], &[log_prob], [0.3, 1.0, -1.3][arm], 0);
            rollout.stream.weights[CONTEXT.len()] = log_prob.exp();
            Lesson::Rollout(rollout)
        };
        let lessons: Vec<Lesson> = (0..3).map(lesson).collect();
        // The answers' shares are summed and not averaged: the arms are not all of the vocabulary.
        let part = PolicyGradient { truncate, clip_low: 1e9, clip_high: 1e9, ..part(ratio, Mean::Total) };
        learn(LearnPart::PolicyGradient(part), &lessons).1.steps.remove(0)
    };
    let wanted = step(&plain, Ratio::None, 0.0);
    for (ratio, truncate) in [(Ratio::Token, 0.0), (Ratio::Sequence, 0.0), (Ratio::None, 1e9)] {
        let found = step(&guided, ratio, truncate);
        let near = (found.grad_norm - wanted.grad_norm).abs() < 1e-5 * wanted.grad_norm;
        assert!(near, "{ratio:?}: {} is not {}", found.grad_norm, wanted.grad_norm);
        assert!(found.metrics["effective_sample_share"] < 1.0);
    }
    let biased = step(&guided, Ratio::None, 0.0);
    assert!((biased.grad_norm - wanted.grad_norm).abs() > 1e-3 * wanted.grad_norm, "without the ratio it is another");
}

#[test]
fn on_policy_every_form_takes_the_same_first_step() {
    let step = |ratio: Ratio, mean: Mean| {
        let (_, update) = learn(LearnPart::PolicyGradient(part(ratio, mean)), &pulled([0.3, 1.0, -1.3]));
        (update.steps[0].grad_norm, update.to)
    };
    let (norm, _) = step(Ratio::Token, Mean::Token);
    for ratio in [Ratio::None, Ratio::Token, Ratio::Sequence] {
        for mean in [Mean::Token, Mean::Sequence, Mean::Total] {
            // One token an answer: the three means are one.
            let (found, _) = step(ratio, mean);
            assert!((found - norm).abs() < 1e-5 * norm, "{ratio:?} {mean:?}: {found} is not {norm}");
        }
    }
}

#[test]
fn advantages_twice_as_large_are_a_gradient_twice_as_long() {
    let norm = |advantages: [f32; 3]| {
        learn(LearnPart::PolicyGradient(part(Ratio::Token, Mean::Token)), &pulled(advantages)).1.steps[0].grad_norm
    };
    let (once, twice) = (norm([0.3, 1.0, -1.3]), norm([0.6, 2.0, -2.6]));
    assert!((twice - 2.0 * once).abs() < 1e-5 * twice, "{once} {twice}");
}

#[test]
fn a_strong_divergence_term_keeps_the_policy_near_its_reference() {
    let moved = |kl: f64, estimator: Estimator, charge: Charge| {
        let part = PolicyGradient {
            kl,
            estimator,
            charge,
            reference: Reference::Previous,
            epochs: 60.0,
            optimizer: OptimizerSettings::at(3e-3),
            ratio: Ratio::None,
            ..PolicyGradient::default()
        };
        let (student, update) = learn(LearnPart::PolicyGradient(part), &pulled([-0.5, 1.0, -0.5]));
        let kl = |step: &nouns::Step| step.metrics.get("kl").copied().unwrap_or(0.0);
        assert!(update.steps.iter().all(|step| kl(step) >= 0.0), "a divergence is never negative");
        log_probs(&student)[1] - log_probs(&super::student())[1]
    };
    let free = moved(0.0, Estimator::K3, Charge::Loss);
    for estimator in [Estimator::K2, Estimator::K3] {
        let held = moved(10.0, estimator, Charge::Loss);
        assert!(held.abs() < 0.3 * free, "{estimator:?}: {held} beside {free}");
    }
}

#[test]
fn an_entropy_bonus_evens_the_arms_out() {
    let spread = |log_probs: Vec<f64>| {
        let shares: Vec<f64> = log_probs.into_iter().map(f64::exp).collect();
        shares.iter().map(|p| -p * p.ln()).sum::<f64>()
    };
    let before = log_probs(&student());
    // Every arm weighs as often as it is drawn: the mean over draws is exact.
    let mut lessons = pulled([0.0; 3]);
    for (lesson, log_prob) in lessons.iter_mut().zip(&before) {
        let Lesson::Rollout(rollout) = lesson else { continue };
        rollout.stream.weights = vec![0.0, 0.0, log_prob.exp() as f32];
    }
    let part = PolicyGradient {
        entropy: 1.0,
        optimizer: OptimizerSettings { lr: Some(1e-2), rule: Rule::Sgd, ..part(Ratio::None, Mean::Token).optimizer },
        ..part(Ratio::None, Mean::Token)
    };
    let (student, _) = learn(LearnPart::PolicyGradient(part), &lessons);
    assert!(spread(log_probs(&student)) > spread(before));
}

#[test]
fn how_a_batch_is_cut_changes_nothing_but_rounding() {
    let run = |micro_batch_tokens: usize| {
        let part = PolicyGradient {
            kl: 0.1,
            epochs: 3.0,
            batch: BatchSettings { micro_tokens: micro_batch_tokens, ..part(Ratio::Sequence, Mean::Token).batch },
            ..part(Ratio::Sequence, Mean::Token)
        };
        learn(LearnPart::PolicyGradient(part), &pulled([0.3, 1.0, -1.3])).1
    };
    for (one, other) in run(8192).steps.iter().zip(&run(3).steps) {
        assert!((one.loss - other.loss).abs() < 1e-6 && (one.grad_norm - other.grad_norm).abs() < 1e-5);
    }
}

/// An episode's turns: the second arm is drawn, this token is observed, and the third arm is drawn.
fn observing(observed: u32, at_end: bool) -> Lesson {
    let drawn = [ARMS[1], ARMS[2]];
    let mut rollout = Rollout::new("t", &CONTEXT, &drawn, &[-1.0, -1.0], 1.0, 0);
    let place = if at_end { CONTEXT.len() + 2 } else { CONTEXT.len() + 1 };
    rollout.stream.tokens.insert(place, observed);
    rollout.stream.weights.insert(place, 0.0);
    rollout.behaviour.insert(place, 0.0);
    rollout.advantages.insert(place, 1.0);
    Lesson::Rollout(rollout)
}

#[test]
fn what_an_environment_shows_is_context_and_has_no_gradient_of_its_own() {
    for ratio in [Ratio::None, Ratio::Token, Ratio::Sequence] {
        for mean in [Mean::Token, Mean::Sequence, Mean::Total] {
            let learned = |observed, at_end| {
                let sgd = OptimizerSettings { rule: Rule::Sgd, lr: Some(0.1), ..part(ratio, mean).optimizer };
                let part = PolicyGradient { optimizer: sgd, ..part(ratio, mean) };
                let (student, update) = learn(LearnPart::PolicyGradient(part), &[observing(observed, at_end)]);
                assert_ne!(update.from, update.to, "{ratio:?} {mean:?}: what was drawn is learned");
                networks::digest(&student.decoder)
            };
            // Behind everything that was drawn it changes nothing, whatever it is; before it, it is context.
            assert_eq!(learned(0, true), learned(7, true), "{ratio:?} {mean:?}");
            assert_ne!(learned(0, false), learned(7, false), "{ratio:?} {mean:?}");
        }
    }
}
