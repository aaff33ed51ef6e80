//! An objective's loss and its gradient by every weight, accumulated over micro-batches.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use kernels::slices::{add_assign, alone};
use models::{Decoder, Weight, WeightMut};
use nouns::{Key, Stream};
use rayon::prelude::*;

use crate::batch::runs;
use crate::objective::{Batch, Means, Objective};
use crate::reads::{Read, Reads};
use crate::student::Student;

/// What a batch gives.
pub(crate) struct Found {
    pub(crate) loss: f64,
    /// In the order of [`Decoder::visit_trained`].
    pub(crate) gradients: Vec<Vec<f32>>,
    /// Tokens that were read, context included.
    pub(crate) tokens: u64,
    pub(crate) metrics: BTreeMap<String, f64>,
}

/// The loss of these lessons and its gradient by what is trained. Where an adapter drops inputs, `key` decides which. How many
/// tokens are computed at a time changes nothing but rounding; how many threads there are changes nothing: each computes micro-batches of
/// its own, whose gradients are summed in their order.
pub(crate) fn gradients(
    student: &Student,
    objective: &dyn Objective,
    lessons: &[usize],
    micro_batch_tokens: usize,
    key: &Key,
) -> Found {
    let score = |streams: &[Stream]| scores(&student.decoder, &streams.iter().collect::<Vec<_>>(), micro_batch_tokens);
    let batch = objective.batch(lessons, &score);
    let tracked = tracked(&student.decoder);
    let length = |lesson: usize| objective.streams(lesson).iter().map(|stream| stream.tokens.len()).sum::<usize>();
    let (mut found, mut means) =
        (Found { loss: 0.0, gradients: Vec::new(), tokens: 0, metrics: BTreeMap::new() }, Means::default());
    found.tokens = lessons.iter().map(|&lesson| length(lesson) as u64).sum();
    let micros = runs(lessons.iter().map(|&lesson| (lesson, length(lesson))), micro_batch_tokens);
    for wave in micros.chunks(at_a_time(trained(&student.decoder))) {
        let one =
            |micro: &Vec<usize>| of_micro(&tracked.dropping(|| rows(objective, micro, key)), objective, &batch, micro);
        let parts: Vec<Part> = match wave {
            [only] => vec![one(only)],
            several => several.par_iter().map(|micro| alone(|| one(micro))).collect(),
        };
        parts.into_iter().for_each(|part| found.add(part, &mut means));
    }
    found.metrics = means.take();
    objective.sum_up(&mut found.metrics);
    found
}

/// Micro-batches that are computed at a time where `trained` numbers learn: one a thread, as long as their gradients are small. Those of
/// a large model are computed one after the other, by all threads.
pub(crate) fn at_a_time(trained: usize) -> usize {
    /// Bytes of gradients that may be held beside the sum.
    const ROOM: usize = 1 << 26;
    (ROOM / size_of::<f32>() / trained.max(1)).clamp(1, rayon::current_num_threads())
}

fn trained(decoder: &Decoder) -> usize {
    let mut numbers = 0;
    decoder.visit_trained(&mut |_, weight| numbers += weight.size());
    numbers
}

impl Found {
    fn add(&mut self, part: Part, means: &mut Means) {
        self.loss += part.loss;
        part.metrics.iter().for_each(|metrics| means.add(metrics));
        match self.gradients.is_empty() {
            true => self.gradients = part.gradients,
            false => self.gradients.iter_mut().zip(&part.gradients).for_each(|(sum, part)| add_assign(sum, part)),
        }
    }
}

/// What one micro-batch gives.
struct Part {
    loss: f64,
    gradients: Vec<Vec<f32>>,
    /// Of every lesson.
    metrics: Vec<Vec<(&'static str, f64, f64)>>,
}

/// The loss of these lessons alone.
pub(crate) fn loss(
    decoder: &Decoder,
    objective: &dyn Objective,
    lessons: &[usize],
    micro_batch_tokens: usize,
) -> (f64, BTreeMap<String, f64>) {
    let score = |streams: &[Stream]| scores(decoder, &streams.iter().collect::<Vec<_>>(), micro_batch_tokens);
    let batch = objective.batch(lessons, &score);
    let length = |lesson: usize| objective.streams(lesson).iter().map(|stream| stream.tokens.len()).sum::<usize>();
    let (mut loss, mut means) = (0.0, Means::default());
    for micro in runs(lessons.iter().map(|&lesson| (lesson, length(lesson))), micro_batch_tokens) {
        let streams: Vec<&Stream> = micro.iter().flat_map(|&lesson| objective.streams(lesson)).collect();
        let mut by_stream = Read::of(decoder, &streams, objective.reads()).numbers(&streams).into_iter();
        for lesson in micro {
            let own: Vec<Vec<f64>> = by_stream.by_ref().take(objective.streams(lesson).len()).collect();
            let term = objective.term(lesson, &batch, &own);
            loss += term.loss;
            means.add(&term.metrics);
        }
    }
    let mut metrics = means.take();
    objective.sum_up(&mut metrics);
    (loss, metrics)
}

/// Every weight in a gradient graph, and of them what is trained as its leaves: nothing is computed for the others.
fn tracked(decoder: &Decoder) -> Decoder {
    let mut tracked = decoder.clone();
    tracked.map(&mut |weight| match weight {
        WeightMut::Vector(gain) => *gain = Tensor::from_inner(gain.clone()),
        WeightMut::Matrix(matrix) => *matrix = Tensor::from_inner(matrix.clone()),
    });
    let adapted = tracked.adapter().is_some();
    tracked.map_trained(&mut |weight| match weight {
        WeightMut::Vector(gain) => *gain = gain.clone().require_grad(),
        WeightMut::Matrix(matrix) if adapted => *matrix = Tensor::from_inner(matrix.clone()).require_grad(),
        WeightMut::Matrix(matrix) => *matrix = matrix.clone().require_grad(),
    });
    tracked
}

/// A key for every row of a micro-batch: of its lesson, stream and place.
fn rows(objective: &dyn Objective, micro: &[usize], key: &Key) -> Vec<Key> {
    let mut rows = Vec::new();
    for &lesson in micro {
        for (number, stream) in (0..).zip(objective.streams(lesson)) {
            let key = key.at(lesson as u64).at(number);
            rows.extend((0..stream.tokens.len() as u64).map(|place| key.at(place)));
        }
    }
    rows
}

fn of_micro(tracked: &Decoder, objective: &dyn Objective, batch: &Batch, micro: &[usize]) -> Part {
    let streams: Vec<&Stream> = micro.iter().flat_map(|&lesson| objective.streams(lesson)).collect();
    let read = Read::of(tracked, &streams, objective.reads());
    let mut by_stream = read.numbers(&streams).into_iter();
    let (mut part, mut slopes) = (Part { loss: 0.0, gradients: Vec::new(), metrics: Vec::new() }, Vec::new());
    for &lesson in micro {
        let own: Vec<Vec<f64>> = by_stream.by_ref().take(objective.streams(lesson).len()).collect();
        let term = objective.term(lesson, batch, &own);
        part.loss += term.loss;
        part.metrics.push(term.metrics);
        slopes.extend(term.slopes);
    }
    let mut found = match read.against(&streams, &slopes) {
        Some(product) => product.backward(),
        None => return part,
    };
    tracked.visit_trained(&mut |_, weight| {
        part.gradients.push(match weight {
            Weight::Vector(gain) => gradient(gain, &mut found),
            Weight::Matrix(matrix) | Weight::Table(matrix) => gradient(matrix, &mut found),
        });
    });
    part
}

/// A weight's gradient; zeros if nothing depended on it.
fn gradient<const D: usize>(weight: &Tensor<D>, found: &mut burn::tensor::Gradients) -> Vec<f32> {
    match weight.grad_remove(found) {
        Some(gradient) => models::values(&gradient),
        None => vec![0.0; weight.dims().iter().product()],
    }
}

/// Log-probabilities of every token of every stream under a model that is not changed. `[streams][length]`
pub(crate) fn scores(decoder: &Decoder, streams: &[&Stream], micro_batch_tokens: usize) -> Vec<Vec<f64>> {
    numbers(decoder, streams, Reads::LogProbs, micro_batch_tokens)
}

/// What is read of a model that is not changed. `[streams][length * columns]`
pub(crate) fn numbers(
    decoder: &Decoder,
    streams: &[&Stream],
    reads: Reads,
    micro_batch_tokens: usize,
) -> Vec<Vec<f64>> {
    let micros = runs(streams.iter().map(|stream| (*stream, stream.tokens.len())), micro_batch_tokens);
    micros.iter().flat_map(|micro| Read::of(decoder, micro, reads).numbers(micro)).collect()
}
