//! Lessons that begin alike are computed with what they begin with once.

use std::path::Path;

use learn::{BatchSettings, LearnPart, OptimizerSettings, PolicyGradient, Prefer, Rule, Student};
use networks::{DeviceKind, Weight, device};
use nouns::{Key, Learn, Lesson, Pair, Rollout, Silent, Stage, Stream};

const PROMPT: [u32; 14] = [1, 5, 9, 3, 7, 2, 8, 4, 6, 3, 9, 5, 7, 2];

fn stream(answer: &[u32]) -> Stream {
    Stream::new("t", &PROMPT, answer, 1.0)
}

/// What training comes to, with this many rows at a time: every number of the model.
fn learned(part: LearnPart, lessons: &[Lesson]) -> Vec<f32> {
    let cpu = device(DeviceKind::Cpu).expect("a processor");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/networks/tests/families/qwen3");
    let decoder = networks::from_folder(&folder, &cpu).expect("a model");
    let mut learner = part.build(Student::new(decoder, cpu));
    let update = learner.learn(&Stage { round: 1, key: Key::root(2), progress: &Silent }, lessons).expect("an update");
    assert!(update.steps.len() > 1 && update.from != update.to);
    let mut numbers = Vec::new();
    learner.into_student().decoder.visit(&mut |_, weight| {
        numbers.extend(match weight {
            Weight::Vector(vector) => networks::values(vector),
            Weight::Matrix(matrix) | Weight::Table(matrix) => networks::values(matrix),
        });
    });
    numbers
}

/// One sequence at a time shares nothing, all at a time everything: what they come to differs by
/// rounding.
fn shares_rightly(lessons: &[Lesson], part: impl Fn(usize, bool) -> LearnPart) {
    let (shared, apart) = (learned(part(1024, false), lessons), learned(part(1, false), lessons));
    let worst = shared.iter().zip(&apart).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-5, "{worst}");
    let again = learned(part(1024, true), lessons);
    assert!(shared.iter().zip(&again).all(|(one, other)| one.to_bits() == other.to_bits()), "computed again");
}

#[test]
fn a_group_of_answers_to_one_prompt() {
    let rollout = |number: u32| {
        let answer = [3 + number % 3, 4, 5 + number % 4];
        let behind = |value: f32| [vec![0.0; PROMPT.len()], vec![value; answer.len()]].concat();
        Lesson::Rollout(Rollout {
            stream: stream(&answer),
            advantages: behind(if number.is_multiple_of(2) { 1.0 } else { -0.7 }),
            behaviour: behind(-2.0),
            group: number / 4,
            kl_weight: 1.0,
        })
    };
    let lessons: Vec<Lesson> = (0..8).map(rollout).collect();
    shares_rightly(&lessons, |micro_batch_tokens, recompute| {
        LearnPart::PolicyGradient(PolicyGradient {
            batch: BatchSettings { micro_tokens: micro_batch_tokens, recompute, size: 4, ..BatchSettings::default() },
            optimizer: OptimizerSettings { rule: Rule::Sgd, lr: Some(0.01), ..OptimizerSettings::default() },
            ..PolicyGradient::default()
        })
    });
}

#[test]
fn the_two_answers_of_a_pair() {
    let pair = |number: u32| {
        let (chosen, rejected) = (stream(&[3, 4 + number, 2]), stream(&[6, 1]));
        Lesson::Pair(Pair { chosen, rejected, gap: 1.0, better: Vec::new() })
    };
    let lessons: Vec<Lesson> = (0..6).map(pair).collect();
    shares_rightly(&lessons, |micro_batch_tokens, recompute| {
        LearnPart::Prefer(Prefer {
            batch: BatchSettings { micro_tokens: micro_batch_tokens, recompute, size: 3, ..BatchSettings::default() },
            optimizer: OptimizerSettings { rule: Rule::Sgd, lr: Some(0.01), ..OptimizerSettings::default() },
            ..Prefer::default()
        })
    });
}
