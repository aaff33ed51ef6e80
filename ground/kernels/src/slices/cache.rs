//! Keys and values of the sequences being decoded, and attention over them.

use super::gemm::gemm_serial;
use super::matrix::{Matrix, MatrixMut};
use super::scores::Scores;
use super::scratch::with_scratch;
use super::softmax::{scale_row, weights};
use crate::simd::{LANES, Simd, vectorised};
use rayon::prelude::*;

/// One layer's cache: `slots` sequences of up to `capacity` rows.
///
/// Values lie as `[slots, capacity, kv_heads * head_dim]`. Keys lie in blocks of 16 positions,
/// `[slots, capacity / 16, kv_heads, head_dim, 16]`, so that one row's scores are vectors over positions and each is the
/// same chain of multiply-adds as in [`super::attention`]: **decoding gives the bits that training gives**.
#[derive(Clone, Debug)]
pub struct KvCache {
    scores: Scores,
    capacity: usize,
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// The rows of one decoding step: row `r` is position `positions[r]` of the sequence in slot `slots[r]`.
#[derive(Clone, Copy, Debug)]
struct StepRows<'a> {
    /// Each row's slot.
    slots: &'a [u32],
    /// Each row's position.
    positions: &'a [u32],
}

impl KvCache {
    /// An empty cache; `capacity` is rounded up to a multiple of 16.
    pub fn new(scores: impl Into<Scores>, slots: usize, capacity: usize) -> Self {
        let scores = scores.into();
        let capacity = capacity.next_multiple_of(LANES);
        let elements = slots * capacity * scores.heads.kv_width();
        Self { scores, capacity, keys: vec![0.0; elements], values: vec![0.0; elements] }
    }

    /// Positions per slot.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Sequences that the cache holds.
    pub fn slots(&self) -> usize {
        self.values.len() / self.slab().max(1)
    }

    fn slab(&self) -> usize {
        self.capacity * self.scores.heads.kv_width()
    }

    /// Makes positions `0..len` of slot `to` those of slot `from`, as when several samples share a prompt.
    pub fn copy_prefix(&mut self, from: u32, to: u32, len: usize) {
        assert!(len <= self.capacity, "{len} positions of {}", self.capacity);
        let slab = self.slab();
        let (from, to) = (from as usize * slab, to as usize * slab);
        let copied = len.next_multiple_of(LANES) * self.scores.heads.kv_width();
        self.keys.copy_within(from..from + copied, to);
        self.values.copy_within(from..from + len * self.scores.heads.kv_width(), to);
    }

    /// Stores the rows' keys and values (already rotated), then lets each row attend to the positions that it sees, up to its own.
    ///
    /// `q`, `out`: `[rows, heads * head_dim]`; `k`, `v`: `[rows, kv_heads * head_dim]`. Several rows of one slot with
    /// consecutive positions are a prompt: the result is that of [`super::attention`].
    pub fn attend(&mut self, q: &[f32], k: &[f32], v: &[f32], slots: &[u32], positions: &[u32], out: &mut [f32]) {
        let (width, kv) = (self.scores.heads.width(), self.scores.heads.kv_width());
        let rows = StepRows { slots, positions };
        let n = slots.len();
        assert!(positions.len() == n && q.len() == n * width && out.len() == q.len(), "{n} rows of queries");
        assert!(k.len() == n * kv && v.len() == k.len(), "{n} rows of keys and values");
        self.store(k, v, rows);
        let cache = &*self;
        let one =
            |(r, out): (usize, &mut [f32])| cache.attend_row(&q[r * width..][..width], slots[r], positions[r], out);
        let work: usize = positions.iter().map(|&p| (p as usize + 1) * width).sum();
        if work > 1 << 17 && rayon::current_num_threads() > 1 {
            out.par_chunks_mut(width.max(1)).enumerate().for_each(one);
        } else {
            out.chunks_mut(width.max(1)).enumerate().for_each(one);
        }
    }

    fn store(&mut self, k: &[f32], v: &[f32], rows: StepRows) {
        let kv = self.scores.heads.kv_width();
        for (r, (&slot, &position)) in rows.slots.iter().zip(rows.positions).enumerate() {
            let (slot, position) = (slot as usize, position as usize);
            assert!(position < self.capacity, "position {position} of {}", self.capacity);
            let slab = slot * self.slab();
            self.values[slab + position * kv..][..kv].copy_from_slice(&v[r * kv..][..kv]);
            // One key is a column of its block, for all heads at once.
            let block = slab + position / LANES * LANES * kv;
            for (i, &x) in k[r * kv..][..kv].iter().enumerate() {
                self.keys[block + i * LANES + position % LANES] = x;
            }
        }
    }

    fn attend_row(&self, q: &[f32], slot: u32, position: u32, out: &mut [f32]) {
        let slab = slot as usize * self.slab();
        let first = self.scores.first_seen(position as usize);
        // scores are made in whole blocks of keys
        let start = first / LANES * LANES;
        let row = Row {
            scores: self.scores,
            width: position as usize + 1 - start,
            skip: first - start,
            q,
            keys: &self.keys[slab..][start * self.scores.heads.kv_width()..self.slab()],
            values: &self.values[slab..][first * self.scores.heads.kv_width()..self.slab()],
        };
        with_scratch(self.scores.heads.heads * row.width, |scores| attend_row(&row, scores, out));
    }
}

/// One query row and the part of its sequence that it sees.
struct Row<'a> {
    scores: Scores,
    /// Keys that are scored.
    width: usize,
    /// Of these, the first so many are not seen.
    skip: usize,
    q: &'a [f32],
    /// From the first scored key on.
    keys: &'a [f32],
    /// From the first seen value on.
    values: &'a [f32],
}

vectorised! {
    /// `scores`: working memory, `[heads, width]`.
    fn attend_row(row: &Row, scores: &mut [f32], out: &mut [f32]) = attend_row_body
}

#[inline(always)]
fn attend_row_body<S: Simd>(s: S, row: &Row, scores: &mut [f32], out: &mut [f32]) {
    let (heads, dim) = (row.scores.heads, row.scores.heads.head_dim);
    for (head, scores) in scores.chunks_exact_mut(row.width).enumerate() {
        let keys = &row.keys[head / heads.group() * dim * LANES..];
        head_scores(s, &row.q[head * dim..][..dim], keys, heads.kv_width() * LANES, scores);
    }
    let mut done = 0;
    while done < heads.heads {
        let (scores, out) = (&mut scores[done * row.width..], &mut out[done * dim..]);
        done += match (dim, heads.heads - done) {
            (16, 8..) => weigh_values::<S, 8, 1>(s, row, done, scores, out),
            (16, _) => weigh_values::<S, 1, 1>(s, row, done, scores, out),
            (32, 4..) => weigh_values::<S, 4, 2>(s, row, done, scores, out),
            (32, _) => weigh_values::<S, 1, 2>(s, row, done, scores, out),
            (64, 2..) => weigh_values::<S, 2, 4>(s, row, done, scores, out),
            (64, _) => weigh_values::<S, 1, 4>(s, row, done, scores, out),
            (128, _) => weigh_values::<S, 1, 8>(s, row, done, scores, out),
            _ => weigh_values_of_any_width(s, row, done, scores, out),
        };
    }
}

/// The products of one query with every key: as many blocks of 16 keys at a time as hide the latency of the chains.
#[inline(always)]
fn head_scores<S: Simd>(s: S, q: &[f32], keys: &[f32], stride: usize, scores: &mut [f32]) {
    let blocks = scores.len().div_ceil(LANES);
    let mut at = 0;
    while at < blocks {
        let (keys, scores) = (&keys[at * stride..], &mut scores[at * LANES..]);
        at += match blocks - at {
            8.. => block_scores::<S, 8>(s, q, keys, stride, scores),
            4.. => block_scores::<S, 4>(s, q, keys, stride, scores),
            2.. => block_scores::<S, 2>(s, q, keys, stride, scores),
            _ => block_scores::<S, 1>(s, q, keys, stride, scores),
        };
    }
}

/// The scores of `N` blocks; returns `N`.
#[inline(always)]
fn block_scores<S: Simd, const N: usize>(s: S, q: &[f32], keys: &[f32], stride: usize, scores: &mut [f32]) -> usize {
    let blocks: [&[[f32; LANES]]; N] =
        std::array::from_fn(|b| &keys[b * stride..][..q.len() * LANES].as_chunks().0[..q.len()]);
    let mut sums = [s.splat(0.0); N];
    for (d, &x) in q.iter().enumerate() {
        let x = s.splat(x);
        for (sum, block) in sums.iter_mut().zip(&blocks) {
            *sum = s.fma(x, s.chunk(&block[d]), *sum);
        }
    }
    for (sum, scores) in sums.into_iter().zip(scores.chunks_mut(LANES)) {
        s.put_tail(sum, scores);
    }
    N
}

/// Softmax and weighted sum of values for `H` heads of `16 * V` elements, from head `first` on: their chains run side by
/// side. Returns `H`.
#[inline(always)]
fn weigh_values<S: Simd, const H: usize, const V: usize>(
    s: S,
    row: &Row,
    first: usize,
    scores: &mut [f32],
    out: &mut [f32],
) -> usize {
    let mut factors = [0.0; H];
    let heads = row.scores.heads;
    for (factor, scores) in factors.iter_mut().zip(scores.chunks_exact_mut(row.width)) {
        *factor = 1.0 / weights(s, &mut scores[row.skip..], row.scores).1;
    }
    let weights: [&[f32]; H] = std::array::from_fn(|h| &scores[h * row.width..][row.skip..row.width]);
    let columns: [usize; H] = std::array::from_fn(|h| (first + h) / heads.group() * heads.head_dim);
    let seen = row.width - row.skip;
    let mut sums = [[s.splat(0.0); V]; H];
    for (j, values) in row.values.chunks_exact(heads.kv_width()).take(seen).enumerate() {
        for h in 0..H {
            let weight = s.splat(weights[h][j]);
            let (values, _) = values[columns[h]..][..V * LANES].as_chunks();
            for v in 0..V {
                sums[h][v] = s.fma(weight, s.chunk(&values[v]), sums[h][v]);
            }
        }
    }
    let (out, _) = out[..H * V * LANES].as_chunks_mut();
    for h in 0..H {
        for v in 0..V {
            s.put_chunk(s.mul(sums[h][v], s.splat(factors[h])), &mut out[h * V + v]);
        }
    }
    H
}

/// The same for one head of any number of elements. Returns 1.
#[inline(always)]
fn weigh_values_of_any_width<S: Simd>(s: S, row: &Row, head: usize, scores: &mut [f32], out: &mut [f32]) -> usize {
    let (heads, dim) = (row.scores.heads, row.scores.heads.head_dim);
    let (scores, out) = (&mut scores[row.skip..row.width], &mut out[..dim]);
    let sum = weights(s, scores, row.scores).1;
    let seen = scores.len();
    let values = Matrix::strided(&row.values[head / heads.group() * dim..], seen, dim, heads.kv_width(), 1);
    gemm_serial(Matrix::new(scores, 1, seen), values, MatrixMut::new(out, 1, dim), false);
    scale_row(s, out, 1.0 / sum);
    1
}
