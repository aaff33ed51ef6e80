//! Keys and values of the sequences being decoded, and attention over them.

use super::attention::{Heads, multiply};
use super::gemm::gemm_serial;
use super::matrix::{Matrix, MatrixMut};
use super::scratch::with_scratch;
use super::softmax::exponentials;
use crate::simd::{LANES, vectorised};
use rayon::prelude::*;

/// One layer's cache: `slots` sequences of up to `capacity` rows.
///
/// Values lie as `[slots, capacity, kv_heads * head_dim]`. Keys lie in blocks of 16 positions,
/// `[slots, capacity / 16, kv_heads, head_dim, 16]`, so that one row's scores are vectors over positions and each is the
/// same chain of multiply-adds as in [`super::attention`]: **decoding gives the bits that training gives**.
#[derive(Clone, Debug)]
pub struct KvCache {
    heads: Heads,
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
    pub fn new(heads: Heads, slots: usize, capacity: usize) -> Self {
        let capacity = capacity.next_multiple_of(LANES);
        let elements = slots * capacity * heads.kv_width();
        Self { heads, capacity, keys: vec![0.0; elements], values: vec![0.0; elements] }
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
        self.capacity * self.heads.kv_width()
    }

    /// Makes positions `0..len` of slot `to` those of slot `from`, as when several samples share a prompt.
    pub fn copy_prefix(&mut self, from: u32, to: u32, len: usize) {
        assert!(len <= self.capacity, "{len} positions of {}", self.capacity);
        let slab = self.slab();
        let (from, to) = (from as usize * slab, to as usize * slab);
        let copied = len.next_multiple_of(LANES) * self.heads.kv_width();
        self.keys.copy_within(from..from + copied, to);
        self.values.copy_within(from..from + len * self.heads.kv_width(), to);
    }

    /// Stores the rows' keys and values (already rotated), then lets each row attend to positions `0..=` its own.
    ///
    /// `q`, `out`: `[rows, heads * head_dim]`; `k`, `v`: `[rows, kv_heads * head_dim]`. Several rows of one slot with
    /// consecutive positions are a prompt: the result is that of [`super::attention`].
    pub fn attend(&mut self, q: &[f32], k: &[f32], v: &[f32], slots: &[u32], positions: &[u32], out: &mut [f32]) {
        let (width, kv) = (self.heads.width(), self.heads.kv_width());
        let rows = StepRows { slots, positions };
        let n = slots.len();
        assert!(positions.len() == n && q.len() == n * width && out.len() == q.len(), "{n} rows of queries");
        assert!(k.len() == n * kv && v.len() == k.len(), "{n} rows of keys and values");
        self.store(k, v, rows);
        let cache = &*self;
        let one = |(r, out): (usize, &mut [f32])| cache.attend_row(&q[r * width..][..width], slots[r], positions[r], out);
        let work: usize = positions.iter().map(|&p| (p as usize + 1) * width).sum();
        if work > 1 << 17 && rayon::current_num_threads() > 1 {
            out.par_chunks_mut(width.max(1)).enumerate().for_each(one);
        } else {
            out.chunks_mut(width.max(1)).enumerate().for_each(one);
        }
    }

    fn store(&mut self, k: &[f32], v: &[f32], rows: StepRows) {
        let kv = self.heads.kv_width();
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
        let (heads, group) = (self.heads, self.heads.group());
        let seen = position as usize + 1;
        let (dim, kv, slab) = (heads.head_dim, heads.kv_width(), slot as usize * self.slab());
        let (keys, values) = (&self.keys[slab..][..self.slab()], &self.values[slab..][..self.slab()]);
        let q = Matrix::new(q, heads.heads, dim);
        let mut out = MatrixMut::new(out, heads.heads, dim);
        with_scratch(group * seen, |scores| {
            for head in 0..heads.kv_heads {
                let mine = q.row_range(head * group, group);
                let mut part = out.reborrow().row_range(head * group, group);
                for start in (0..seen).step_by(LANES) {
                    let len = LANES.min(seen - start);
                    let block = Matrix::new(&keys[start * kv + head * dim * LANES..][..dim * LANES], dim, LANES);
                    let scores = MatrixMut::strided(&mut scores[start..], group, len, seen);
                    gemm_serial(mine, block.col_range(0, len), scores, false);
                }
                let mut sums = vec![0.0; group];
                for (row, sum) in scores.chunks_exact_mut(seen).zip(&mut sums) {
                    *sum = softmax_row(row, heads.scale()).1;
                }
                let values = Matrix::strided(&values[head * dim..], seen, dim, kv, 1);
                gemm_serial(Matrix::new(scores, group, seen), values, part.reborrow(), false);
                for (i, sum) in sums.iter().enumerate() {
                    multiply(part.row(i), 1.0 / sum);
                }
            }
        });
    }
}

vectorised! { fn softmax_row(row: &mut [f32], scale: f32) -> (f32, f32) = exponentials }
