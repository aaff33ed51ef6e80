//! What it costs to compute again what happens inside of layers, and what it saves.

use std::time::Instant;

use faults::Outcome;
use learn::{BatchSettings, Imitate, LearnPart, Student};
use networks::{Config, Decoder, DeviceKind, Precision, device};
use nouns::{Key, Learn, Lesson, Silent, Stage, Stream};
use serde::Serialize;

use crate::peak::peak_bytes;
use crate::size::{Size, config, draw};

/// Tokens of the one answer that a step learns from: long enough that what is kept of it outweighs
/// the weights.
const LENGTH: usize = 2048;

/// Steps of learning from one long answer, in f32.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recomputing {
    /// The size's name.
    pub size: &'static str,
    /// Tokens of the answer.
    pub tokens: usize,
    /// Median seconds of a step where everything is kept.
    pub kept_seconds: f64,
    /// And where what happens inside of layers is computed again.
    pub again_seconds: f64,
    /// The most memory that the process had had once those where it is computed again were
    /// measured, where the system tells.
    pub again_bytes: Option<u64>,
    /// And once those where it is kept were.
    pub kept_bytes: Option<u64>,
}

/// Measures a size; the smallest first, or the memory of those before counts.
pub fn recomputing(size: &Size, repeats: usize) -> Outcome<Recomputing> {
    let device = device(DeviceKind::Cpu)?;
    let shape = Config { precision: Precision::F32, max_position_embeddings: LENGTH, ..config(size) };
    let student = Student::new(Decoder::random(shape, &Key::root(0), &device), device);
    let drawn = draw(size, &mut Key::root(1).random(), LENGTH);
    let lessons = [Lesson::Stream(Stream::new("bench", &drawn[..1], &drawn[1..], 1.0))];
    let seconds = |recompute: bool| -> Outcome<f64> {
        let stage = Stage { round: 0, key: Key::root(2), progress: &Silent };
        let step = || -> Outcome<f64> {
            let part = Imitate {
                epochs: 1.0,
                batch: BatchSettings { recompute, ..BatchSettings::default() },
                ..Imitate::default()
            };
            let mut learner = LearnPart::Imitate(part).build(student.clone());
            let began = Instant::now();
            learner.learn(&stage, &lessons)?;
            Ok(began.elapsed().as_secs_f64())
        };
        step()?; // warms up
        let mut taken = (0..repeats.max(1)).map(|_| step()).collect::<Outcome<Vec<f64>>>()?;
        taken.sort_unstable_by(f64::total_cmp);
        Ok(taken[taken.len() / 2])
    };
    let (again_seconds, again_bytes) = (seconds(true)?, peak_bytes());
    let (kept_seconds, kept_bytes) = (seconds(false)?, peak_bytes());
    Ok(Recomputing { size: size.name, tokens: LENGTH, kept_seconds, again_seconds, again_bytes, kept_bytes })
}
