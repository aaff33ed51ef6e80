//! How fast this machine samples and trains, at the sizes that rivals are measured at.

mod curves;
mod floor;
mod iteration;
mod peak;
mod products;
mod recompute;
mod searches;
mod size;

pub use curves::{Point, curves};
pub use floor::Machine;
pub use iteration::{Iteration, iteration};
pub use products::{Product, products};
pub use recompute::{Recomputing, recomputing};
pub use searches::{SearchSpeed, searches};
pub use size::{SIZES, Size, usual};

use faults::Outcome;
use learn::{BatchSettings, Imitate, LearnPart, Student};
use networks::{Config, Decoder, DeviceKind, device};
use nouns::{Key, Learn, Lesson, Policy, Random, Request, Sampling, Silent, Stage, Stream};
use policy::LocalPolicy;
use serde::Serialize;
use size::{NEW, PROMPT, config, draw, tokens};
use std::time::Instant;

/// Steps of a training, at least: what happens once, before the first and after the last, is not
/// what is asked about.
const LEAST_STEPS: usize = 4;
/// The same where the weights have to come from a GPU to be hashed.
const LEAST_STEPS_THERE: usize = 16;

/// Medians of tokens per second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Speed {
    /// The size's name.
    pub size: &'static str,
    /// Where it was measured.
    pub device: &'static str,
    /// What operands of products are rounded to: `f32` or `bf16`.
    pub precision: &'static str,
    /// Parameters.
    pub parameters: u64,
    /// Whole training steps: forward, backward, clipping, AdamW; every token of the batch counts.
    pub training: f64,
    /// Greedy decoding with a cache; new tokens count, the prompt's time is included.
    pub decoding: f64,
    /// The share of what the machine's arithmetic allows, where it was measured: 1 would be nothing
    /// but products.
    pub training_of_floor: Option<f64>,
    /// The share of what its arithmetic and its memory allow.
    pub decoding_of_floor: Option<f64>,
}

/// Measures a size on a device: the median of `repeats`, each of about `seconds`, after warming up.
/// Says what it has found as soon as it has.
pub fn speed(
    size: &Size,
    kind: DeviceKind,
    machine: Option<&Machine>,
    (repeats, seconds): (usize, f64),
    say: &dyn Fn(&str, f64),
) -> Outcome<Speed> {
    let (device, precision) = (device(kind)?, kind.precision());
    let least = if kind.is_processor() { LEAST_STEPS } else { LEAST_STEPS_THERE };
    let decoder = Decoder::random(Config { precision, ..config(size) }, &Key::root(0), &device);
    let parameters = decoder.config.parameters();
    let mut random = Key::root(1).random();
    let lessons = lessons(size, &mut random);
    let student = Student::new(decoder.clone(), device.clone());
    let trained = (size.train.0 * size.train.1) as f64;
    let training = median_rate(repeats, seconds, least, |steps| {
        let part = Imitate {
            epochs: steps as f64,
            batch: BatchSettings { tokens: trained as usize, ..BatchSettings::default() },
            ..Imitate::default()
        };
        let stage = Stage { round: 0, key: Key::root(2), progress: &Silent };
        LearnPart::Imitate(part).build(student.clone()).learn(&stage, &lessons)?;
        Ok(trained * steps as f64)
    })?;
    say("training", training);
    let policy = LocalPolicy::new(decoder, tokens(size)?, device, size.decode);
    let requests = requests(size, &mut random);
    let decoding = median_rate(repeats, seconds, 1, |times| {
        let mut drawn = 0;
        for _ in 0..times {
            drawn += policy.sample(&requests, &Silent)?.iter().map(|done| done.tokens.len()).sum::<usize>();
        }
        Ok(drawn as f64)
    })?;
    say("decoding", decoding);
    Ok(Speed {
        size: size.name,
        device: kind.word(),
        precision: precision.word(),
        parameters,
        training,
        decoding,
        training_of_floor: machine.map(|machine| training / machine.training(size, precision)),
        decoding_of_floor: machine.map(|machine| decoding / machine.decoding(size, precision)),
    })
}

/// The median over repeats of tokens per second; `work` does the given number of units, at least
/// `least`, and returns the tokens.
fn median_rate(
    repeats: usize,
    seconds: f64,
    least: usize,
    mut work: impl FnMut(usize) -> Outcome<f64>,
) -> Outcome<f64> {
    work(1)?;
    let began = Instant::now();
    work(1)?;
    let units = (seconds / began.elapsed().as_secs_f64()).round() as usize;
    let units = units.max(least);
    let mut rates = Vec::new();
    for _ in 0..repeats.max(1) {
        let began = Instant::now();
        let tokens = work(units)?;
        rates.push(tokens / began.elapsed().as_secs_f64());
    }
    rates.sort_unstable_by(f64::total_cmp);
    Ok(rates[rates.len() / 2])
}

fn lessons(size: &Size, random: &mut Random) -> Vec<Lesson> {
    let (sequences, length) = size.train;
    (0..sequences).map(|_| Lesson::Stream(Stream::new("bench", &[], &draw(size, random, length), 1.0))).collect()
}

fn requests(size: &Size, random: &mut Random) -> Vec<Request> {
    let sampling = Sampling { temperature: 0.0, max_tokens: NEW as u32, ..Sampling::default() };
    let request = |n: u64, context| Request { context, sampling: sampling.clone(), key: Key::root(n) };
    (0..size.decode as u64).map(|n| request(n, draw(size, random, PROMPT))).collect()
}
