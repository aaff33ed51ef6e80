//! A decoder laid out for decoding on the processor: the same numbers as the tensors', to the last
//! bit, without a tensor library in between.
//!
//! A decoding step has few rows and many small operations, and through a tensor library most of its
//! time went into what stands around them: allocation, dispatch, graph nodes (one and a half to
//! three times as long in all). So the weights are copied once into the order in which matrix
//! products read them, and rows are plain `Vec<f32>`s, which are handed from operation to operation
//! and used again. The price is that every matrix is in memory twice while a policy samples. The
//! layer itself is not written again: it is the one of `decoder.rs`, over another [`Algebra`],
//! which is why the two cannot drift apart.

use std::sync::Arc;

use burn::tensor::Tensor;
use kernels::slices::{self, Matrix, Weights};
use kernels::{Activation, Precision, RopeTable};

use crate::algebra::{Algebra, Tables};
use crate::decoders::decoder::run;
use crate::decoders::patches::PatchEmbedding;
use crate::decoders::rope::Rotation;
use crate::{Config, Decoder, Layer, Linear, LowRank, Norm, NormKind, Positions};

/// What attention does with the rows of one layer; as [`crate::Attend`], over slices.
pub trait AttendRows {
    /// `query`, `out`: `[rows, heads * head_dim]`, `key`, `value`:
    /// `[rows, key_value_heads * head_dim]`.
    fn attend(&mut self, layer: usize, query: &[f32], key: &[f32], value: &[f32], out: &mut [f32]);
}

/// How many threads compute the rows of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The calling one: the caller has others compute other rows.
    Alone,
    /// All of rayon's, each with some columns of every matrix.
    Together,
}

/// A decoder whose weights lie in the order in which products read them.
pub struct Processor {
    config: Config,
    embedding: Tensor<2>,
    positions: Option<Tensor<2>>,
    layers: Vec<Layer<Map, Gain>>,
    norm: Gain,
    head: Head,
    /// What it sees with, and the same laid out.
    patch_embedding: Option<(PatchEmbedding, Weights)>,
    rotation: Rotation,
    local_rotation: Rotation,
}

/// The head that gives logits, laid out: for rows that were computed on any device.
pub struct Head {
    weights: Weights,
    cap: Option<f32>,
}

impl Head {
    /// The decoder's head, laid out.
    pub fn new(decoder: &Decoder) -> Head {
        let matrix = decoder.head.clone().unwrap_or_else(|| decoder.embedding.clone().transpose());
        Head { weights: laid_out(&matrix, decoder.config.precision), cap: decoder.config.switches.final_softcap }
    }

    /// The logits of every row: `hidden [rows, width]` to `[rows, vocabulary]`, capped where the
    /// family caps them.
    pub fn logits(&self, hidden: &[f32], sharing: Sharing) -> Vec<f32> {
        let mut out = vec![0.0; hidden.len() / self.weights.inputs() * self.weights.outputs()];
        multiply(&self.weights, hidden, &mut out, sharing);
        if let Some(cap) = self.cap {
            out.chunks_mut(self.weights.outputs()).for_each(|row| slices::soft_cap(row, cap));
        }
        out
    }
}

/// A linear map.
struct Map {
    weights: Weights,
    bias: Option<Vec<f32>>,
    low_rank: Option<Added>,
}

/// What an adapter adds.
struct Added {
    a: Weights,
    b: Weights,
    scale: f32,
}

/// A norm's numbers.
struct Gain {
    gain: Vec<f32>,
    bias: Option<Vec<f32>>,
    kind: NormKind,
    eps: f32,
}

fn laid_out(matrix: &Tensor<2>, precision: Precision) -> Weights {
    let [rows, columns] = matrix.dims();
    let weights = |values: &[f32]| Weights::new(Matrix::new(values, rows, columns), precision);
    kernels::with_slice(matrix, weights).unwrap_or_else(|| weights(&crate::values(matrix)))
}

impl Map {
    fn of(linear: &Linear, precision: Precision) -> Map {
        let added = |low_rank: &LowRank| Added {
            a: laid_out(&low_rank.a, precision),
            b: laid_out(&low_rank.b, precision),
            scale: low_rank.scale as f32,
        };
        Map {
            weights: laid_out(&linear.weight, precision),
            bias: linear.bias.as_ref().map(crate::values),
            low_rank: linear.low_rank.as_ref().map(added),
        }
    }
}

impl Gain {
    fn of(norm: &Norm) -> Gain {
        let mut gain = crate::values(&norm.gain);
        if norm.kind() == NormKind::RmsPlusOne {
            gain.iter_mut().for_each(|x| *x += 1.0);
        }
        Gain { gain, bias: norm.bias.as_ref().map(crate::values), kind: norm.kind(), eps: norm.eps() }
    }
}

impl Processor {
    /// The decoder, laid out. The token table is shared with it; every other matrix is there once
    /// more.
    pub fn new(decoder: &Decoder) -> Processor {
        let precision = decoder.config.precision;
        let map = |linear: &Linear| Map::of(linear, precision);
        let (rotation, local_rotation) = decoder.rotations();
        Processor {
            config: decoder.config.clone(),
            embedding: decoder.embedding.clone(),
            positions: decoder.positions.clone(),
            layers: decoder.layers.iter().map(|layer| layer.changed(&map, &Gain::of)).collect(),
            norm: Gain::of(&decoder.norm),
            head: Head::new(decoder),
            patch_embedding: decoder
                .patch_embedding
                .as_ref()
                .map(|own| (own.clone(), laid_out(&own.projection.weight, precision))),
            rotation: rotation.clone(),
            local_rotation: local_rotation.clone(),
        }
    }

    /// The shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The head that gives logits.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Bytes of all matrices: what a step of decoding reads.
    pub fn bytes(&self) -> usize {
        let of = |map: &Map| map.weights.bytes();
        let layers = self.layers.iter().map(|l| {
            let maps = [&l.query, &l.key, &l.value, &l.output, &l.up, &l.down].into_iter().chain(&l.gate);
            maps.map(of).sum::<usize>()
        });
        layers.sum::<usize>() + self.head.weights.bytes()
    }

    /// The last hidden state of every row, normed and ready for the head: `[rows, width]`. As
    /// [`Decoder::hidden`].
    pub fn hidden(&self, ids: &[u32], positions: &[u32], attend: &mut dyn AttendRows, sharing: Sharing) -> Vec<f32> {
        let tables =
            Tables { global: self.rotation.reaching(positions), local: self.local_rotation.reaching(positions) };
        let mut rows = PlainRows { positions, tables, attend, sharing, free: Vec::new() };
        let stream = self.embedded(ids, positions);
        run(&self.config, &self.layers, &self.norm, stream, &mut rows)
    }

    fn embedded(&self, ids: &[u32], positions: &[u32]) -> Vec<f32> {
        let width = self.config.hidden_size;
        let seen = self.patch_embedding.as_ref().and_then(|(own, weights)| Some((weights, own.among(ids)?)));
        let mut stream = looked_up(&self.embedding, width, seen.as_ref().map_or(ids, |(_, seen)| &seen.words));
        if let Some(scale) = self.config.switches.embedding_scale {
            stream.iter_mut().for_each(|x| *x *= scale);
        }
        if let Some((weights, seen)) = seen {
            let mut rows = vec![0.0; seen.places.len() * width];
            weights.multiply(&seen.colours, &mut rows);
            let patches = seen.places.iter().zip(rows.chunks_exact(width));
            patches.for_each(|(&place, row)| stream[place * width..][..width].copy_from_slice(row));
        }
        if let Some(table) = &self.positions {
            slices::add_assign(&mut stream, &looked_up(table, width, positions));
        }
        stream
    }
}

fn looked_up(table: &Tensor<2>, width: usize, ids: &[u32]) -> Vec<f32> {
    let mut out = vec![0.0; ids.len() * width];
    let found = kernels::with_slice(table, |table| slices::embedding(table, width, ids, &mut out));
    found.unwrap_or_else(|| slices::embedding(&crate::values(table), width, ids, &mut out));
    out
}

fn multiply(weights: &Weights, x: &[f32], out: &mut [f32], sharing: Sharing) {
    match sharing {
        Sharing::Alone => weights.multiply(x, out),
        Sharing::Together => weights.multiply_together(x, out),
    }
}

/// Rows as plain numbers, row after row.
struct PlainRows<'a> {
    positions: &'a [u32],
    tables: Tables,
    attend: &'a mut dyn AttendRows,
    sharing: Sharing,
    /// Buffers to be used again.
    free: Vec<Vec<f32>>,
}

impl PlainRows<'_> {
    /// Numbers of whatever value: a buffer of that length that was used before, which costs
    /// nothing, where there is one.
    fn buffer(&mut self, len: usize) -> Vec<f32> {
        match self.free.iter().rposition(|buffer| buffer.len() == len) {
            Some(place) => self.free.swap_remove(place),
            None => vec![0.0; len],
        }
    }

    fn product(&mut self, weights: &Weights, x: &[f32]) -> Vec<f32> {
        let mut out = self.buffer(self.positions.len() * weights.outputs());
        multiply(weights, x, &mut out, self.sharing);
        out
    }

    /// What a map adds to its product `out` with `x`.
    fn finish(&mut self, map: &Map, x: &[f32], out: &mut [f32]) {
        if let Some(bias) = &map.bias {
            slices::add_bias(out, bias);
        }
        if let Some(Added { a, b, scale }) = &map.low_rank {
            let mut inner = self.product(a, x);
            inner.iter_mut().for_each(|x| *x *= scale);
            let added = self.product(b, &inner);
            slices::add_assign(out, &added);
            self.free.extend([inner, added]);
        }
    }
}

impl Algebra for PlainRows<'_> {
    type Map = Map;
    type Norm = Gain;
    type Rows = Vec<f32>;

    fn copy(&mut self, x: &Vec<f32>) -> Vec<f32> {
        let mut copy = self.buffer(x.len());
        copy.copy_from_slice(x);
        copy
    }

    fn linear(&mut self, map: &Map, x: &Vec<f32>) -> Vec<f32> {
        let mut out = self.product(&map.weights, x);
        self.finish(map, x, &mut out);
        out
    }

    fn linears<const N: usize>(&mut self, maps: [&Map; N], x: &Vec<f32>) -> [Vec<f32>; N] {
        if self.sharing == Sharing::Alone {
            return maps.map(|map| self.linear(map, x));
        }
        let mut outs = maps.map(|map| self.buffer(self.positions.len() * map.weights.outputs()));
        Weights::multiply_all_together(maps.map(|map| &map.weights), x, outs.each_mut().map(Vec::as_mut_slice));
        maps.iter().zip(&mut outs).for_each(|(map, out)| self.finish(map, x, out));
        outs
    }

    fn norm(&mut self, norm: &Gain, x: &Vec<f32>) -> Vec<f32> {
        let mut out = self.buffer(x.len());
        match (norm.kind, &norm.bias) {
            (NormKind::Layer, Some(bias)) => slices::layer_norm(x, &norm.gain, bias, norm.eps, &mut out),
            _ => slices::rms_norm(x, &norm.gain, norm.eps, &mut out),
        }
        out
    }

    fn rotate(&mut self, positions: Positions, mut x: Vec<f32>) -> Vec<f32> {
        if let Some(table) = self.tables.of(positions) {
            let table: &RopeTable = Arc::as_ref(table);
            slices::rope(&mut x, table, self.positions);
        }
        x
    }

    fn attend(&mut self, layer: usize, query: Vec<f32>, key: Vec<f32>, value: Vec<f32>) -> Vec<f32> {
        let mut out = self.buffer(query.len());
        self.attend.attend(layer, &query, &key, &value, &mut out);
        self.free.extend([query, key, value]);
        out
    }

    fn gated(&mut self, activation: Activation, gate: Vec<f32>, up: Vec<f32>) -> Vec<f32> {
        let mut out = self.buffer(gate.len());
        slices::gated(activation, &gate, &up, &mut out);
        self.free.extend([gate, up]);
        out
    }

    fn activated(&mut self, activation: Activation, x: Vec<f32>) -> Vec<f32> {
        let mut ones = self.buffer(x.len());
        ones.fill(1.0);
        self.gated(activation, x, ones)
    }

    fn add(&mut self, mut x: Vec<f32>, y: Vec<f32>) -> Vec<f32> {
        slices::add_assign(&mut x, &y);
        self.free.push(y);
        x
    }
}
