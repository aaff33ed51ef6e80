//! Learning curves in bf16 beside those in f32: the same weights at first, the same lessons in the
//! same order.

use std::sync::{Mutex, PoisonError};

use faults::Outcome;
use learn::{LearnPart, Student};
use networks::{Config, Decoder, DeviceKind, Precision, device};
use nouns::{Key, Learn, Progress, Stage, Tick};
use serde::Serialize;

use repeat::Base;
use repeat::shape_of_nothing;

/// The world whose examples are learned, how many, and with how many seeds.
const WORLD: &str = "chain";
const EXAMPLES: u64 = 8_000;
const SEEDS: u64 = 3;
/// Points of a curve.
const POINTS: usize = 8;

/// One point of the curves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Optimizer steps so far.
    pub steps: usize,
    /// The mean loss of the steps since the last point, of each seed, in f32.
    pub f32: Vec<f64>,
    /// The same in bf16.
    pub bf16: Vec<f64>,
}

impl Point {
    /// By how much the losses in bf16 are higher, on average over seeds.
    pub fn apart(&self) -> f64 {
        mean(&self.bf16) - mean(&self.f32)
    }

    /// How far seeds are from one another in f32, the greatest from the least: what a difference
    /// has to be measured by.
    pub fn noise(&self) -> f64 {
        let [greatest, least] = [f64::max, f64::min].map(|pick| self.f32.iter().copied().reduce(pick).unwrap_or(0.0));
        greatest - least
    }
}

/// The mean.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Both curves, from a model made from nothing.
pub fn curves() -> Outcome<Vec<Point>> {
    let of = |precision| (0..SEEDS).map(|seed| losses(precision, seed)).collect::<Outcome<Vec<_>>>();
    let (plain, rounded) = (of(Precision::F32)?, of(Precision::Bf16)?);
    let steps = plain.iter().map(Vec::len).min().unwrap_or(0);
    let point = |number: usize| {
        let part = number * steps / POINTS..(number + 1) * steps / POINTS;
        let read = |curves: &[Vec<f64>]| curves.iter().map(|curve| mean(&curve[part.clone()])).collect();
        Point { steps: part.end, f32: read(&plain), bf16: read(&rounded) }
    };
    Ok((0..POINTS).map(point).collect())
}

/// The loss of every step.
fn losses(precision: Precision, seed: u64) -> Outcome<Vec<f64>> {
    let world = sources::find(WORLD, &sources::Options::default())?;
    let base = Base { examples: EXAMPLES, ..Base::default() };
    let (config, tokens) = shape_of_nothing(&base, world.as_ref())?;
    let (device, key) = (device(DeviceKind::Cpu)?, Key::root(seed));
    let lessons = base.lessons(EXAMPLES, &key, world.as_ref(), &tokens, &|_| false)?;
    let student = Student::new(Decoder::random(Config { precision, ..config }, &key, &device), device);
    let losses = Losses::default();
    LearnPart::Imitate(base.learn.clone())
        .build(student)
        .learn(&Stage { round: 0, key, progress: &losses }, &lessons)?;
    Ok(losses.0.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Remembers the loss of every step.
#[derive(Default)]
struct Losses(Mutex<Vec<f64>>);

impl Progress for Losses {
    fn tick(&self, tick: Tick) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(tick.loss);
    }
}
