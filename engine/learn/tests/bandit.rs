//! A three-armed bandit: one context, three answers of one token each, where imitation has a closed form.

use learn::{Imitate, LearnPart, Student};
use models::{Config, Decoder, DeviceKind, Packed, device};
use nouns::{Key, Learn, Lesson, Silent, Stage, Stream, Update};

const CONTEXT: [u32; 2] = [1, 2];
const ARMS: [u32; 3] = [4, 5, 6];

fn student() -> Student {
    let config = Config {
        vocab_size: 8,
        hidden_size: 16,
        intermediate_size: 32,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        num_key_value_heads: 1,
        head_dim: 8,
        max_position_embeddings: 8,
        rms_norm_eps: 1e-5,
        rope_theta: 10_000.0,
        tie_word_embeddings: true,
        bos_token_id: Some(1),
        eos_token_ids: vec![3],
        pad_token_id: Some(0),
    };
    let device = device(DeviceKind::Cpu).expect("a processor");
    Student { decoder: Decoder::random(config, &Key::root(1), &device), device }
}

fn log_probs(student: &Student) -> Vec<f64> {
    let arm = |arm: &u32| {
        let packed = Packed::of(std::iter::once([&CONTEXT[..], &[*arm]].concat()));
        f64::from(models::values(&packed.log_probs(&student.decoder))[CONTEXT.len() - 1])
    };
    ARMS.iter().map(arm).collect()
}

/// One lesson an arm, with these weights.
fn lessons(weights: [f32; 3]) -> Vec<Lesson> {
    ARMS.iter().zip(weights).map(|(arm, weight)| Lesson::Stream(Stream::new("t", &CONTEXT, &[*arm], weight))).collect()
}

fn taught(part: Imitate, weights: [f32; 3]) -> (Student, Update) {
    let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
    let mut learner = LearnPart::Imitate(part).build(student());
    let update = learner.learn(&stage, &lessons(weights)).expect("an update");
    (learner.into_student(), update)
}

#[test]
fn imitation_ends_at_the_weights_of_the_lessons() {
    // Nine tokens are one lesson an arm: every step sees the whole bandit.
    let part =
        Imitate { epochs: 600.0, batch_tokens: 9, lr: 0.01, weight_decay: 0.0, last_lr: 0.0, ..Imitate::default() };
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
fn accumulating_gradients_changes_nothing_but_rounding() {
    let whole = taught(Imitate { epochs: 5.0, ..Imitate::default() }, [1.0, 0.5, 0.25]).1;
    let pieces = taught(Imitate { epochs: 5.0, micro_batch_tokens: 3, ..Imitate::default() }, [1.0, 0.5, 0.25]).1;
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
    assert_eq!(models::digest(&student_after.decoder), models::digest(&student().decoder));
}

#[test]
fn the_same_update_is_the_same_to_the_last_bit_on_any_number_of_threads() {
    let digest = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| taught(Imitate { epochs: 4.0, ..Imitate::default() }, [1.0, 0.5, 0.25]).1.to)
    };
    assert_eq!(digest(1), digest(2));
}
