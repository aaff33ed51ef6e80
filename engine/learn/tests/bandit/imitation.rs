//! Imitation, which ends where its lessons' weights are.

use super::{ARMS, CONTEXT, arm, learn, log_probs, student};
use learn::{BatchSettings, Imitate, LearnPart, OptimizerSettings, Per, Rule, Student};
use networks::Packed;
use nouns::{Lesson, Update};

/// One lesson an arm, with these weights.
fn lessons(weights: [f32; 3]) -> Vec<Lesson> {
    weights.into_iter().enumerate().map(|(number, weight)| Lesson::Stream(arm(number, weight))).collect()
}

fn taught(part: Imitate, weights: [f32; 3]) -> (Student, Update) {
    learn(LearnPart::Imitate(part), &lessons(weights))
}

#[test]
fn imitation_ends_at_the_weights_of_the_lessons() {
    // Nine tokens are one lesson an arm: every step sees the whole bandit.
    let part = Imitate {
        epochs: 600.0,
        batch: BatchSettings { tokens: 9, ..BatchSettings::default() },
        optimizer: OptimizerSettings {
            lr: Some(0.01),
            weight_decay: 0.0,
            last_lr: 0.0,
            ..OptimizerSettings::default()
        },
        ..Imitate::default()
    };
    let (student, _) = taught(part, [0.6, 0.3, 0.1]);
    let found: Vec<f64> = log_probs(&student).into_iter().map(f64::exp).collect();
    let wanted = [0.6, 0.3, 0.1];
    assert!(found.iter().zip(wanted).all(|(f, w)| (f - w).abs() < 0.01), "{found:?}");
}

#[test]
fn the_first_loss_is_the_weighted_mean_of_the_surprise() {
    let weights = [0.5, 2.0, 1.0];
    let before = log_probs(&student());
    let wanted = -before.iter().zip(weights).map(|(log_prob, w)| log_prob * f64::from(w)).sum::<f64>() / 3.5;
    let (_, update) = taught(Imitate { epochs: 1.0, ..Imitate::default() }, weights);
    assert!((update.steps[0].loss - wanted).abs() < 1e-6, "{} is not {wanted}", update.steps[0].loss);
}

#[test]
fn the_z_loss_is_the_mean_square_of_the_logarithm_of_the_divisor_and_draws_it_to_nothing() {
    // By another way than the trainer's: all logits of the place, from the hidden state and the table.
    let divisor = |student: &Student| {
        let packed = Packed::of(std::iter::once(CONTEXT.to_vec()));
        let (hidden, table) =
            (networks::values(&packed.hidden(&student.decoder)), networks::values(&student.decoder.embedding));
        let width = student.decoder.config.hidden_size;
        let hidden = &hidden[hidden.len() - width..];
        let logit = |row: &[f32]| row.iter().zip(hidden).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        table.chunks(width).map(|row| logit(row).exp()).sum::<f64>().ln()
    };
    let part =
        |z_loss: f64| Imitate { z_loss, epochs: 80.0, optimizer: OptimizerSettings::at(3e-3), ..Imitate::default() };
    let (held, update) = taught(part(0.5), [1.0; 3]);
    let (free, plain) = taught(part(0.0), [1.0; 3]);
    let added = update.steps[0].loss - plain.steps[0].loss;
    assert!((added - 0.5 * divisor(&student()).powi(2)).abs() < 1e-5, "{added}");
    assert!(divisor(&held).abs() < 0.5 * divisor(&free).abs(), "{} {}", divisor(&held), divisor(&free));
}

#[test]
fn entropy_and_accuracy_by_token_are_those_of_the_distribution() {
    let part = Imitate { figures: true, epochs: 1.0, ..Imitate::default() };
    let metrics = taught(part, [1.0; 3]).1.steps.remove(0).metrics;
    let student = student();
    let packed = Packed::of(std::iter::once(CONTEXT.to_vec()));
    let all = networks::values(&student.decoder.distributions(packed.hidden(&student.decoder)));
    let last: Vec<f64> = all[all.len() - 8..].iter().map(|&p| f64::from(p)).collect();
    let entropy: f64 = -last.iter().map(|p| p * p.exp()).sum::<f64>();
    let top = last.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let right = ARMS.iter().filter(|&&arm| last[arm as usize] == top).count() as f64 / 3.0;
    assert!((metrics["entropy"] - entropy).abs() < 1e-5 && metrics["mean_token_accuracy"] == right, "{metrics:?}");
}

#[test]
fn accumulating_gradients_changes_nothing_but_rounding() {
    let whole = taught(Imitate { epochs: 5.0, ..Imitate::default() }, [1.0, 0.5, 0.25]).1;
    let pieces = taught(
        Imitate {
            epochs: 5.0,
            batch: BatchSettings { micro_tokens: 3, ..BatchSettings::default() },
            ..Imitate::default()
        },
        [1.0, 0.5, 0.25],
    )
    .1;
    for (one, other) in whole.steps.iter().zip(&pieces.steps) {
        assert!(
            (one.loss - other.loss).abs() < 1e-5 && (one.grad_norm - other.grad_norm).abs() < 1e-4,
            "{one:?} {other:?}"
        );
    }
}

#[test]
fn lessons_without_weight_change_nothing() {
    let (student_after, update) = taught(Imitate { epochs: 3.0, ..Imitate::default() }, [0.0, 0.0, 0.0]);
    assert!(update.steps.is_empty());
    assert_eq!(networks::digest(&student_after.decoder), networks::digest(&student().decoder));
}

#[test]
fn the_same_update_is_the_same_to_the_last_bit_on_any_number_of_threads() {
    let digest = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| taught(Imitate { epochs: 4.0, ..Imitate::default() }, [1.0, 0.5, 0.25]).1.to)
    };
    assert_eq!(digest(1), digest(2));
}

#[test]
fn every_rule_ends_at_the_same_weights() {
    for (optimizer, lr) in [(Rule::Sgd, 0.3), (Rule::Muon, 0.01)] {
        let part = Imitate {
            epochs: 600.0,
            batch: BatchSettings { tokens: 9, ..BatchSettings::default() },
            optimizer: OptimizerSettings {
                lr: Some(lr),
                rule: optimizer,
                weight_decay: 0.0,
                last_lr: 0.0,
                ..OptimizerSettings::default()
            },
            ..Imitate::default()
        };
        let found: Vec<f64> = log_probs(&taught(part, [0.6, 0.3, 0.1]).0).into_iter().map(f64::exp).collect();
        assert!(found.iter().zip([0.6, 0.3, 0.1]).all(|(f, w)| (f - w).abs() < 0.02), "{optimizer:?}: {found:?}");
    }
}

#[test]
fn answers_that_weigh_the_same_have_the_mean_of_their_means() {
    let part = Imitate { epochs: 1.0, per: Per::Sequence, ..Imitate::default() };
    let before = log_probs(&student());
    let wanted = -(2.0 * before[0] + before[1] + 0.5 * before[2]) / 3.5;
    let (_, update) = taught(part, [2.0, 1.0, 0.5]);
    assert!((update.steps[0].loss - wanted).abs() < 1e-6, "{} is not {wanted}", update.steps[0].loss);
}
