//! An objective's loss and its gradient by every weight, accumulated over micro-batches.
//!
//! The objective never meets the gradient graph. Of each micro-batch the model's numbers are read
//! (log-probabilities by token, say), the objective turns them into a loss and into a coefficient
//! `c` for every number, and the graph is then asked for the gradient of `sum(c · number)`, where
//! `c` is constant. By the chain rule that is the gradient of the loss. What a loss divides by
//! (tokens of the batch, groups) is computed by [`Objective::batch`] before the first micro-batch,
//! which is why cutting a batch otherwise changes nothing but rounding.
//!
//! Small models are trained by a micro-batch per thread, large ones by all threads on one
//! micro-batch: [`at_a_time`] decides by the memory of the gradients. Either way the parts are
//! added in the order of the micro-batches, so the number of threads changes no bit.

use std::collections::BTreeMap;

use burn::tensor::{Gradients, Tensor};
use kernels::slices::{alone, inside};
use networks::{Decoder, Weight, WeightMut};
use nouns::{Key, Stream};
use rayon::prelude::*;

use crate::micro::{Cut, Micro, micro_batches, packed, sharing_runs};
use crate::numbers::Numbers;
use crate::objective::{Batch, Means, Objective};
use crate::reads::{Read, Reads};
use crate::student::Student;

/// What a batch gives.
pub(crate) struct Found {
    pub(crate) loss: f64,
    /// In the order of [`Decoder::visit_trained`].
    pub(crate) gradients: Vec<Numbers>,
    /// Tokens that were read, context included.
    pub(crate) tokens: u64,
    pub(crate) metrics: BTreeMap<String, f64>,
}

/// How much is computed at a time, and how much of it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Computing {
    /// Tokens computed at a time, about.
    pub(crate) micro_batch_tokens: usize,
    /// Whether what happens inside of layers is computed again instead of kept.
    pub(crate) recompute: bool,
}

/// The loss of these lessons and its gradient by what is trained. Where an adapter drops inputs,
/// `key` decides which. How many tokens are computed at a time changes nothing but rounding; how
/// many threads there are changes nothing: each computes micro-batches of its own, whose gradients
/// are summed in their order.
pub(crate) fn gradients(
    student: &Student,
    objective: &dyn Objective,
    lessons: &[usize],
    computing: Computing,
    key: &Key,
) -> Found {
    let Computing { micro_batch_tokens, recompute } = computing;
    let score = |streams: &[Stream]| scores(&student.decoder, &streams.iter().collect::<Vec<_>>(), micro_batch_tokens);
    let batch = objective.batch(lessons, &score);
    let length = |lesson: usize| objective.streams(lesson).iter().map(|stream| stream.tokens.len()).sum::<usize>();
    let (mut found, mut means) =
        (Found { loss: 0.0, gradients: Vec::new(), tokens: 0, metrics: BTreeMap::new() }, Means::default());
    found.tokens = lessons.iter().map(|&lesson| length(lesson) as u64).sum();
    // What an adapter drops is drawn for each row of each stream.
    let drops = student.decoder.adapter().is_some_and(|lora| lora.dropout > 0.0);
    let trained = trained(&student.decoder);
    // Whether several have room side by side is asked of the model alone, not of the threads: the cut
    // into micro-batches, and with it the rounding, must not depend on the machine.
    let side_by_side = kernels::is_here(&student.decoder.embedding) && fitting(trained) > 1;
    let micros = micro_batches(objective, lessons, Cut { rows: micro_batch_tokens, side_by_side, may_share: !drops });
    for wave in micros.chunks(at_once(&student.decoder, trained)) {
        let one = |micro: &Micro| {
            let dropping = |decoder: &Decoder| decoder.dropping(|| rows(objective, &micro.lessons, key));
            let tracked = dropping(&tracked(&student.decoder));
            match recompute {
                false => of_micro(&tracked, objective, &batch, micro),
                true => of_micro_again((&dropping(&student.decoder), &tracked), objective, &batch, micro),
            }
        };
        together(wave, one).into_iter().for_each(|part| found.add(part, &mut means));
    }
    found.metrics = means.take();
    objective.sum_up(&mut found.metrics);
    found
}

/// What each micro-batch of a wave gives: one by all threads, several by a thread each.
fn together<T: Sync, R: Send>(wave: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    match wave {
        [only] => vec![one(only)],
        several => several.par_iter().map(|micro| alone(|| one(micro))).collect(),
    }
}

/// Numbers that are trained.
fn trained(decoder: &Decoder) -> usize {
    let mut trained = 0;
    decoder.visit_trained(&mut |_, weight| trained += weight.size());
    trained
}

/// Bytes of gradients that may be held beside the sum.
const ROOM: usize = 1 << 29;

/// Micro-batches in a wave if each has gradients by this many numbers. On another device than the
/// processor they are computed one after the other.
fn at_once(decoder: &Decoder, numbers: usize) -> usize {
    if kernels::is_here(&decoder.embedding) { at_a_time(numbers) } else { 1 }
}

/// Micro-batches that are computed at a time where `trained` numbers learn: one a thread, as long
/// as their gradients are small. Those of a large model are computed one after the other, by all
/// threads.
pub(crate) fn at_a_time(trained: usize) -> usize {
    fitting(trained).clamp(1, rayon::current_num_threads())
}

/// Micro-batches whose gradients, by this many numbers each, fit into memory together, however many
/// threads there are.
fn fitting(trained: usize) -> usize {
    ROOM / size_of::<f32>() / trained.max(1)
}

impl Found {
    fn add(&mut self, part: MicroResult, means: &mut Means) {
        self.loss += part.loss;
        part.metrics.iter().for_each(|metrics| means.add(metrics));
        match self.gradients.is_empty() {
            true => self.gradients = part.gradients,
            false => self.gradients.iter_mut().zip(&part.gradients).for_each(|(sum, part)| sum.add(part)),
        }
    }
}

/// What one micro-batch gives.
struct MicroResult {
    loss: f64,
    gradients: Vec<Numbers>,
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
    let sequences = |lesson: usize| objective.streams(lesson).into_iter().map(|stream| &stream.tokens[..]).collect();
    let (mut loss, mut means) = (0.0, Means::default());
    for micro in sharing_runs(lessons.iter().map(|&lesson| (lesson, sequences(lesson))), micro_batch_tokens) {
        let packed = packed(micro.iter().flat_map(|&lesson| objective.streams(lesson)));
        let mut by_stream = Read::of(decoder, &packed, objective.reads()).numbers().into_iter();
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

/// Every weight in a gradient graph, and of them what is trained as its leaves: nothing is computed
/// for the others. Each micro-batch has a graph of its own: on one that has leaves in common with
/// another the library computes no gradient while the other's are computed.
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

fn of_micro(tracked: &Decoder, objective: &dyn Objective, batch: &Batch, micro: &Micro) -> MicroResult {
    let read = Read::of(tracked, &micro.packed(objective), objective.reads());
    let (mut part, product) = judged(read, objective, batch, &micro.lessons);
    if let Some(product) = product {
        part.take(tracked, &mut product.backward());
    }
    part
}

/// The same numbers, to the last bit, with only what each layer is given kept on the way there:
/// what happens inside of it is computed again on the way back (Chen et al. 2016, arXiv
/// 1604.06174). `plain` is the model outside any gradient graph.
fn of_micro_again(
    (plain, tracked): (&Decoder, &Decoder),
    objective: &dyn Objective,
    batch: &Batch,
    micro: &Micro,
) -> MicroResult {
    let packed = micro.packed(objective);
    let mut given = vec![packed.embedded(plain)];
    for layer in 0..plain.layers.len() {
        let next = packed.layer(plain, layer, given[layer].clone());
        given.push(next);
    }
    let leaf = |given: &mut Vec<Tensor<2>>| given.pop().map(|rows| Tensor::from_inner(rows).require_grad());
    let Some(last) = leaf(&mut given) else { unreachable!("what the first layer is given is there") };
    let read = Read::over(tracked, &packed, packed.normed(tracked, last.clone()), objective.reads());
    let (mut part, product) = judged(read, objective, batch, &micro.lessons);
    let Some(product) = product else { return part };
    let mut found = product.backward();
    part.take(tracked, &mut found);
    let mut gradient = last.grad_remove(&mut found);
    for layer in (0..plain.layers.len()).rev() {
        let (Some(rows), Some(above)) = (leaf(&mut given), gradient) else { return part };
        let mut found = against(packed.layer(tracked, layer, rows.clone()), above);
        part.take(tracked, &mut found);
        gradient = rows.grad_remove(&mut found);
    }
    // Under an adapter the tables stay as they are.
    if let Some(above) = gradient.filter(|_| tracked.adapter().is_none()) {
        part.take(tracked, &mut against(packed.embedded(tracked), above));
    }
    part
}

/// The gradients of what these rows lead to, whose gradients by them are given.
fn against(rows: Tensor<2>, gradients: Tensor<2>) -> Gradients {
    (rows * Tensor::from_inner(gradients)).sum().backward()
}

/// The loss of what was read, and what its gradient is that of, if anything.
fn judged(read: Read, objective: &dyn Objective, batch: &Batch, micro: &[usize]) -> (MicroResult, Option<Tensor<1>>) {
    let mut by_stream = read.numbers().into_iter();
    let (mut part, mut gradients) = (MicroResult { loss: 0.0, gradients: Vec::new(), metrics: Vec::new() }, Vec::new());
    for &lesson in micro {
        let own: Vec<Vec<f64>> = by_stream.by_ref().take(objective.streams(lesson).len()).collect();
        let term = objective.term(lesson, batch, &own);
        part.loss += term.loss;
        part.metrics.push(term.metrics);
        gradients.extend(term.gradients);
    }
    (part, read.against(&gradients))
}

impl MicroResult {
    /// Adds what was found for each weight that is trained; nothing for those on which nothing
    /// depended.
    fn take(&mut self, tracked: &Decoder, found: &mut Gradients) {
        let (first, mut number) = (self.gradients.is_empty(), 0);
        tracked.visit_trained(&mut |_, weight| {
            let (own, zeros): (_, Box<dyn Fn() -> Numbers>) = match weight {
                Weight::Vector(gain) => (gain.grad_remove(found).map(Numbers::of), Box::new(|| Numbers::zeros(gain))),
                Weight::Matrix(matrix) | Weight::Table(matrix) => {
                    (matrix.grad_remove(found).map(Numbers::of), Box::new(|| Numbers::zeros(matrix)))
                }
            };
            match (first, own) {
                (true, own) => self.gradients.push(own.unwrap_or_else(zeros)),
                (false, Some(own)) => self.gradients[number].add(&own),
                (false, None) => {}
            }
            number += 1;
        });
    }
}

/// Log-probabilities of every token of every stream under a model that is not changed.
/// `[streams][length]`
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
    let micros = sharing_runs(streams.iter().map(|stream| (*stream, vec![&stream.tokens[..]])), micro_batch_tokens);
    let one = |micro: &Vec<&Stream>| Read::of(decoder, &packed(micro.iter().copied()), reads).numbers();
    // A large model is read by all threads, for what they hold while they read.
    let wave = at_once(decoder, usize::try_from(decoder.config.parameters()).unwrap_or(usize::MAX));
    inside(|| micros.chunks(wave).flat_map(|wave| together(wave, one)).flatten().collect())
}
