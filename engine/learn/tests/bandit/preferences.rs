//! Preferences between arms, and arms with labels.

use learn::{BatchSettings, Kto, LearnPart, Loss, OptimizerSettings, Prefer, Reference, Shape};
use nouns::{Judged, Lesson, Pair};

use super::{CONTEXT, arm, learn, log_probs, student};

fn pair(chosen: usize, rejected: usize) -> Lesson {
    Lesson::Pair(Pair { chosen: arm(chosen, 1.0), rejected: arm(rejected, 1.0), gap: 1.0, better: Vec::new() })
}

const LOSSES: [Loss; 6] = [Loss::Sigmoid, Loss::Hinge, Loss::Ipo, Loss::Robust, Loss::Squared, Loss::Odds];

#[test]
fn whatever_the_loss_the_chosen_arm_gains_on_the_rejected_one() {
    let before = log_probs(&student());
    for loss in LOSSES {
        let reference = if loss == Loss::Odds { Reference::None } else { Reference::Previous };
        let part = Prefer {
            loss,
            reference,
            epochs: 20.0,
            smoothing: 0.1,
            optimizer: OptimizerSettings::at(1e-3),
            ..Prefer::default()
        };
        let (student, update) = learn(LearnPart::Prefer(part), &[pair(1, 0), pair(1, 2)]);
        let after = log_probs(&student);
        for other in [0, 2] {
            assert!(after[1] - after[other] > before[1] - before[other], "{loss:?}: {before:?} {after:?}");
        }
        let (first, last) = (&update.steps[0], &update.steps[update.steps.len() - 1]);
        assert!(last.loss < first.loss, "{loss:?}: {} to {}", first.loss, last.loss);
        assert!(last.metrics["rewards/margins"] > first.metrics["rewards/margins"], "{loss:?}");
    }
}

#[test]
fn a_squared_loss_ends_where_the_margin_is_the_gap() {
    let part = Prefer {
        loss: Loss::Squared,
        reference: Reference::Previous,
        beta: 0.5,
        epochs: 400.0,
        optimizer: OptimizerSettings {
            lr: Some(3e-3),
            last_lr: 0.0,
            weight_decay: 0.0,
            ..OptimizerSettings::default()
        },
        ..Prefer::default()
    };
    let (student, _) = learn(LearnPart::Prefer(part), &[pair(0, 1)]);
    let (before, after) = (log_probs(&super::student()), log_probs(&student));
    let moved = (after[0] - after[1]) - (before[0] - before[1]);
    assert!((0.5 * moved - 1.0).abs() < 0.01, "beta h is {}, the gap is 1", 0.5 * moved);
}

#[test]
fn the_first_loss_of_a_model_that_is_its_own_reference_is_log_two() {
    for reference in [Reference::Base, Reference::Previous] {
        let part = Prefer { reference, ..Prefer::default() };
        let (_, update) = learn(LearnPart::Prefer(part), &[pair(2, 0)]);
        assert!((update.steps[0].loss - 2f64.ln()).abs() < 1e-6, "{}", update.steps[0].loss);
    }
}

#[test]
fn the_reference_stays_where_it_is_while_the_model_learns() {
    let part = Prefer { epochs: 30.0, optimizer: OptimizerSettings::at(1e-3), ..Prefer::default() };
    let (student, update) = learn(LearnPart::Prefer(part), &[pair(2, 0)]);
    assert_eq!(networks::digest(&student.base), update.from);
    let last = &update.steps[update.steps.len() - 1].metrics;
    assert!(last["rewards/margins"] > 0.05, "measured against a reference that moved along it would be 0: {last:?}");
}

#[test]
fn wanted_arms_gain_and_unwanted_ones_lose() {
    let judged = |number: usize, desirable: bool| {
        Lesson::Judged(Judged { stream: arm(number, 1.0), context: CONTEXT.len(), desirable })
    };
    let part = Kto { epochs: 20.0, optimizer: OptimizerSettings::at(1e-3), ..Kto::default() };
    let (student, update) = learn(LearnPart::Kto(part), &[judged(0, true), judged(1, false)]);
    let (before, after) = (log_probs(&super::student()), log_probs(&student));
    assert!(after[0] > before[0] && after[1] < before[1], "{before:?} {after:?}");
    assert!((update.steps[0].loss - 0.5).abs() < 1e-6, "before the first step nothing is gained or lost");
    assert!(update.steps.iter().all(|step| step.metrics["kl"] >= 0.0));
}

#[test]
fn how_a_batch_is_cut_changes_nothing_but_rounding() {
    let lessons = [pair(0, 1), pair(0, 2), pair(1, 2)];
    let run = |micro_batch_tokens: usize| {
        let part = Prefer {
            epochs: 3.0,
            batch: BatchSettings { micro_tokens: micro_batch_tokens, ..BatchSettings::default() },
            ..Prefer::default()
        };
        learn(LearnPart::Prefer(part), &lessons).1
    };
    let (whole, cut) = (run(8192), run(6));
    for (one, other) in whole.steps.iter().zip(&cut.steps) {
        assert!((one.loss - other.loss).abs() < 1e-6 && (one.grad_norm - other.grad_norm).abs() < 1e-5);
    }
}

#[test]
fn lessons_of_another_kind_are_refused() {
    let stage = nouns::Stage { round: 1, key: nouns::Key::root(2), progress: &nouns::Silent };
    let mut learner = LearnPart::Prefer(Prefer::default()).build(student());
    let refused = nouns::Learn::learn(&mut learner, &stage, &[Lesson::Stream(arm(0, 1.0))]).expect_err("a stream");
    assert_eq!(refused.to_string(), "`prefer` learns from pairs of answers, and was given answers to imitate");
}

#[test]
fn a_reference_that_becomes_the_model_after_every_step_leaves_it_indifferent_each_time() {
    let losses = |mix_every: u32, mix: f64| {
        let part = Prefer {
            mix_every,
            mix,
            epochs: 6.0,
            optimizer: OptimizerSettings { lr: Some(1e-2), schedule: Shape::Constant, ..OptimizerSettings::default() },
            ..Prefer::default()
        };
        let update = learn(LearnPart::Prefer(part), &[pair(0, 1)]).1;
        update.steps.into_iter().map(|step| step.loss).collect::<Vec<f64>>()
    };
    assert!(losses(1, 1.0).iter().all(|loss| (loss - 2f64.ln()).abs() < 1e-6), "{:?}", losses(1, 1.0));
    let (free, mixed, never) = (losses(0, 0.5), losses(2, 0.5), losses(2, 0.0));
    assert_eq!(free[..2], mixed[..2], "before it is mixed it is what it was");
    assert!(mixed[2] > free[2] && mixed[5] > free[5], "{free:?} {mixed:?}");
    assert!(free.iter().zip(&never).all(|(one, other)| (one - other).abs() < 1e-6), "a share of nothing moves nothing");
}
