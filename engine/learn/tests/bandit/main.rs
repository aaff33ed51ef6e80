//! A three-armed bandit: one context, three answers of one token each, where every objective has a
//! closed form; and adapters, which torch has trained before.

mod adapters;
mod alike;
mod distillation;
mod imitation;
mod preferences;
mod recompute;
mod rollouts;
mod scores;
mod tree;

use learn::{LearnPart, Student};
use networks::{Config, Decoder, DeviceKind, Packed, Rope, device};
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
        norm_eps: 1e-5,
        rope: Rope::plain(10_000.0, 8),
        tie_word_embeddings: true,
        bos_token_id: Some(1),
        eos_token_ids: vec![3],
        pad_token_id: Some(0),
        ..Config::default()
    };
    let device = device(DeviceKind::Cpu).expect("a processor");
    Student::new(Decoder::random(config, &Key::root(1), &device), device)
}

fn log_probs(student: &Student) -> Vec<f64> {
    let arm = |arm: &u32| {
        let packed = Packed::of(std::iter::once([&CONTEXT[..], &[*arm]].concat()));
        f64::from(networks::values(&packed.log_probs(&student.decoder))[CONTEXT.len() - 1])
    };
    ARMS.iter().map(arm).collect()
}

/// A stream of one arm.
fn arm(arm: usize, weight: f32) -> Stream {
    Stream::new("t", &CONTEXT, &[ARMS[arm]], weight)
}

fn learn(part: LearnPart, lessons: &[Lesson]) -> (Student, Update) {
    let stage = Stage { round: 1, key: Key::root(2), progress: &Silent };
    let mut learner = part.build(student());
    let update = learner.learn(&stage, lessons).expect("an update");
    (learner.into_student(), update)
}
