//! What is computed again on the way back is what was computed on the way there, in every family
//! and under adapters.

use std::path::{Path, PathBuf};

use learn::{BatchSettings, Imitate, LearnPart, LoraSettings, OptimizerSettings, Student, Value};
use networks::{Decoder, DeviceKind, device};
use nouns::{Digest, Key, Learn, Lesson, Silent, Stage, Stream, Valued};

fn folders(name: &str) -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/networks/tests").join(name);
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(all).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|folder| folder.is_dir());
    assert!(folders.len() >= 5, "{name}");
    folders
}

/// The weights after a few steps.
fn learned(part: LearnPart, decoder: &Decoder, lessons: &[Lesson]) -> Digest {
    let student = Student::new(decoder.clone(), device(DeviceKind::Cpu).expect("a processor"));
    let mut learner = part.build(student);
    let update = learner.learn(&Stage { round: 1, key: Key::root(2), progress: &Silent }, lessons).expect("an update");
    assert!(update.steps.len() > 1 && update.from != update.to);
    update.to
}

/// Two answers in a micro-batch, so that rows of one do not see the other's.
fn imitate(recompute: bool) -> LearnPart {
    LearnPart::Imitate(Imitate {
        batch: BatchSettings { recompute, size: 2, ..BatchSettings::default() },
        epochs: 2.0,
        optimizer: OptimizerSettings::at(1e-2),
        ..Imitate::default()
    })
}

fn streams() -> Vec<Lesson> {
    let lesson = |n: u32| Lesson::Stream(Stream::new("t", &[1, 2 + n], &[3, 4 + n, 5, 6 + n], 1.0));
    (0..4).map(lesson).collect()
}

#[test]
fn every_family_learns_the_same_to_the_last_bit() {
    let cpu = device(DeviceKind::Cpu).expect("a processor");
    for folder in folders("families") {
        let decoder = networks::from_folder(&folder, &cpu).expect("a model");
        if decoder.config.scores.is_none() {
            let of = |recompute| learned(imitate(recompute), &decoder, &streams());
            assert_eq!(of(true), of(false), "{}", folder.display());
        }
    }
}

#[test]
fn an_adapter_that_drops_inputs_drops_the_same_ones_again() {
    let cpu = device(DeviceKind::Cpu).expect("a processor");
    let decoder = networks::from_folder(&folders("families")[0], &cpu).expect("a model");
    let part = |recompute| match imitate(recompute) {
        LearnPart::Imitate(part) => LearnPart::Imitate(Imitate {
            lora: LoraSettings { rank: 4, dropout: 0.3, ..part.lora },
            optimizer: OptimizerSettings { freeze: 1, ..part.optimizer },
            ..part
        }),
        other => other,
    };
    let of = |recompute| learned(part(recompute), &decoder, &streams());
    assert_eq!(of(true), of(false));
}

#[test]
fn a_head_of_scores_too() {
    let cpu = device(DeviceKind::Cpu).expect("a processor");
    let decoder = networks::from_folder(&folders("families")[0], &cpu).expect("a model");
    let lesson = |n: u32| Lesson::Valued(Valued::new("v", &[1, 2], &[3, 4 + n, 5], &[(0, 0.5), (2, n as f32)]));
    let lessons: Vec<Lesson> = (0..4).map(lesson).collect();
    let part = |recompute| {
        LearnPart::Value(Value {
            batch: BatchSettings { recompute, size: 2, ..BatchSettings::default() },
            optimizer: OptimizerSettings::at(1e-2),
            ..Value::default()
        })
    };
    assert_eq!(learned(part(true), &decoder, &lessons), learned(part(false), &decoder, &lessons));
}
