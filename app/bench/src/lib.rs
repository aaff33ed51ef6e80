//! How fast this machine samples and trains, at the sizes that rivals are measured at.

mod curves;
mod floor;
mod iteration;
mod products;
mod recompute;
mod searches;

pub use curves::{Point, curves};
pub use floor::Machine;
pub use iteration::{Iteration, iteration};
pub use products::{Product, products};
pub use recompute::{Recomputing, recomputing};
pub use searches::{SearchSpeed, searches};

use faults::Outcome;
use learn::{Imitate, LearnPart, Student};
use models::{Config, Decoder, DeviceKind, Rope, device};
use nouns::{Key, Learn, Lesson, Policy, Random, Request, Sampling, Silent, Stage, Stream, Vocabulary};
use policy::LocalPolicy;
use serde::Serialize;
use std::time::Instant;
use tokens::Tokens;

/// A size of model with its batches: those of `benches/rivals/torch_speed.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its name.
    pub name: &'static str,
    vocabulary: usize,
    width: usize,
    layers: usize,
    heads: usize,
    key_value_heads: usize,
    feed_forward: usize,
    /// Whether the table of tokens is the head, too.
    tied: bool,
    /// Sequences of a training batch, and their length.
    train: (usize, usize),
    /// Sequences decoded at a time.
    decode: usize,
}

/// The sizes, smallest first.
pub const SIZES: [Size; 7] = [
    Size {
        name: "0.8M",
        vocabulary: 64,
        width: 128,
        layers: 4,
        heads: 4,
        key_value_heads: 4,
        feed_forward: 344,
        tied: false,
        train: (64, 64),
        decode: 64,
    },
    Size {
        name: "5M",
        vocabulary: 512,
        width: 256,
        layers: 6,
        heads: 8,
        key_value_heads: 8,
        feed_forward: 688,
        tied: false,
        train: (32, 128),
        decode: 32,
    },
    Size {
        name: "34M",
        vocabulary: 8192,
        width: 512,
        layers: 8,
        heads: 8,
        key_value_heads: 8,
        feed_forward: 1376,
        tied: false,
        train: (8, 256),
        decode: 8,
    },
    Size {
        name: "91M",
        vocabulary: 8192,
        width: 768,
        layers: 12,
        heads: 12,
        key_value_heads: 12,
        feed_forward: 2048,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
    // SmolLM2's shapes, and Llama-3.2-1B's: those from here on are for graphics cards.
    Size {
        name: "135M",
        vocabulary: 49152,
        width: 576,
        layers: 30,
        heads: 9,
        key_value_heads: 3,
        feed_forward: 1536,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
    Size {
        name: "360M",
        vocabulary: 49152,
        width: 960,
        layers: 32,
        heads: 15,
        key_value_heads: 5,
        feed_forward: 2560,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
    Size {
        name: "1B",
        vocabulary: 128_256,
        width: 2048,
        layers: 16,
        heads: 32,
        key_value_heads: 8,
        feed_forward: 8192,
        tied: true,
        train: (16, 64),
        decode: 16,
    },
];

/// Those that a device is measured at where none are asked for.
pub fn usual(kind: DeviceKind) -> &'static [Size] {
    if kind.is_processor() { &SIZES[..5] } else { &SIZES[4..] }
}

/// Tokens of a decoding prompt, and new tokens after it.
const PROMPT: usize = 16;
const NEW: usize = 64;

/// Steps of a training, at least: what happens once, before the first and after the last, is not what is asked about.
const LEAST_STEPS: usize = 4;
/// The same where the weights have to come from a card to be named.
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
    /// The share of what the machine's arithmetic allows, where it was measured: 1 would be nothing but products.
    pub training_of_floor: Option<f64>,
    /// The share of what its arithmetic and its memory allow.
    pub decoding_of_floor: Option<f64>,
}

/// Measures a size on a device: the median of `repeats`, each of about `seconds`, after warming up. Says what it has found as soon as it has.
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
        let part = Imitate { epochs: steps as f64, batch_tokens: trained as usize, ..Imitate::default() };
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

/// The median over repeats of tokens per second; `work` does so many units, at least `least`, and gives the tokens.
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

fn config(size: &Size) -> Config {
    Config {
        vocab_size: size.vocabulary,
        hidden_size: size.width,
        intermediate_size: size.feed_forward,
        num_hidden_layers: size.layers,
        num_attention_heads: size.heads,
        num_key_value_heads: size.key_value_heads,
        tie_word_embeddings: size.tied,
        head_dim: size.width / size.heads,
        max_position_embeddings: 512,
        rope: Rope::plain(10_000.0, size.width / size.heads),
        ..Config::default()
    }
}

/// A tokenizer of the right size. Its end token is one in `vocabulary`: an answer may end early, and fewer tokens count.
fn tokens(size: &Size) -> Outcome<Tokens> {
    /// Special tokens that a tokenizer adds.
    const SPECIAL: usize = 4;
    Tokens::of_vocabulary(&Vocabulary { words: (SPECIAL..size.vocabulary).map(|word| format!("w{word}")).collect() })
}

fn draw(size: &Size, random: &mut Random, length: usize) -> Vec<u32> {
    (0..length).map(|_| random.below(size.vocabulary) as u32).collect()
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

/// The most memory that this process has had in use.
fn peak_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
