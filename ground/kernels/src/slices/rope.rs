//! Rotary position embedding (Su et al. 2021), with the halves rotated against each other as in
//! Hugging Face's Llama.

use super::threads::row_blocks;
use crate::simd::{LANES, Simd, inlined, vectorised};
use std::fmt;

/// Cosines and sines of every position's angles, computed in `f64` and rounded once.
#[derive(Clone, PartialEq)]
pub struct RopeTable {
    head_dim: usize,
    /// `[positions, rotated / 2]`, where the first `rotated` elements of a head are rotated
    cos: Vec<f32>,
    sin: Vec<f32>,
    /// Half of the elements that are rotated.
    half: usize,
}

impl RopeTable {
    /// The table for positions `0..positions`: frequency `i` is `theta^(-2 i / head_dim)`.
    ///
    /// # Panics
    /// If `head_dim` is odd or 0.
    pub fn new(head_dim: usize, theta: f64, positions: usize) -> Self {
        let frequencies: Vec<f64> = (0..head_dim / 2).map(|i| theta.powf(-2.0 * i as f64 / head_dim as f64)).collect();
        assert!(head_dim == 2 * frequencies.len() && head_dim > 0, "a head dimension of {head_dim} has no halves");
        Self::from_frequencies(head_dim, &frequencies, 1.0, positions)
    }

    /// The table for scaled or otherwise adjusted frequencies, in radians per position. The first
    /// `2 * frequencies` elements of a head are rotated and multiplied by `factor` (YaRN's attention
    /// factor); the others stay as they are.
    ///
    /// # Panics
    /// If a head has fewer elements than that.
    pub fn from_frequencies(head_dim: usize, frequencies: &[f64], factor: f64, positions: usize) -> Self {
        assert!(2 * frequencies.len() <= head_dim, "{} pairs in a head of {head_dim}", frequencies.len());
        let angles = || (0..positions).flat_map(|p| frequencies.iter().map(move |f| p as f64 * f));
        Self {
            head_dim,
            cos: angles().map(|a| (factor * a.cos()) as f32).collect(),
            sin: angles().map(|a| (factor * a.sin()) as f32).collect(),
            half: frequencies.len(),
        }
    }

    /// Elements per head.
    pub fn head_dim(&self) -> usize {
        self.head_dim
    }

    /// Positions that the table covers.
    pub fn positions(&self) -> usize {
        self.cos.len() / self.half.max(1)
    }

    /// Elements of a head that are rotated: the first ones.
    pub fn rotated(&self) -> usize {
        2 * self.half
    }

    /// Cosines and sines at a position, `rotated / 2` each.
    ///
    /// # Panics
    /// If the table does not reach `position`.
    pub fn at(&self, position: u32) -> (&[f32], &[f32]) {
        let (p, half) = (position as usize, self.half);
        assert!(p < self.positions(), "position {p} beyond the table's {}", self.positions());
        (&self.cos[p * half..][..half], &self.sin[p * half..][..half])
    }
}

impl fmt::Debug for RopeTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RopeTable({} positions of {})", self.positions(), self.head_dim)
    }
}

/// Rotates every head of every row by its position's angles, in place;
/// `x: [rows, heads * head_dim]`, `positions: [rows]`.
///
/// With `a`, `b` the halves of a head: `a' = a cos - b sin`, `b' = b cos + a sin`.
pub fn rope(x: &mut [f32], table: &RopeTable, positions: &[u32]) {
    rotate(x, table, positions, 1.0);
}

/// The gradient of [`rope`], in place: the rotation back.
pub fn rope_backward(dy: &mut [f32], table: &RopeTable, positions: &[u32]) {
    rotate(dy, table, positions, -1.0);
}

fn rotate(x: &mut [f32], table: &RopeTable, positions: &[u32], direction: f32) {
    if positions.is_empty() {
        return assert!(x.is_empty(), "rows without positions");
    }
    let width = x.len() / positions.len();
    assert_eq!(x.len(), width * positions.len(), "one position per row");
    assert!(width.is_multiple_of(table.head_dim), "rows of {width} are not whole heads of {}", table.head_dim);
    row_blocks(x, width, |row, block| {
        rotate_rows(block, width, table, &positions[row..], direction);
    });
}

vectorised! { fn rotate_rows(x: &mut [f32], width: usize, table: &RopeTable, positions: &[u32], direction: f32) = rotate_body }

#[inline(always)]
fn rotate_body<S: Simd>(s: S, x: &mut [f32], width: usize, table: &RopeTable, positions: &[u32], direction: f32) {
    for (row, &position) in x.chunks_exact_mut(width.max(1)).zip(positions) {
        let (cos, sin) = table.at(position);
        for head in row.chunks_exact_mut(table.head_dim) {
            rotate_head(s, &mut head[..2 * cos.len()], cos, sin, direction);
        }
    }
}

#[inline(always)]
fn rotate_head<S: Simd>(s: S, head: &mut [f32], cos: &[f32], sin: &[f32], direction: f32) {
    let direction = s.splat(direction);
    let one = inlined(
        #[inline(always)]
        |a: S::V, b: S::V, c: S::V, n: S::V| {
            let n = s.mul(n, direction);
            (s.sub(s.mul(a, c), s.mul(b, n)), s.fma(b, c, s.mul(a, n)))
        },
    );
    let (a, b) = head.split_at_mut(cos.len());
    let (a, a_tail) = a.as_chunks_mut::<LANES>();
    let (b, b_tail) = b.as_chunks_mut::<LANES>();
    let (c, c_tail) = cos.as_chunks::<LANES>();
    let (n, n_tail) = sin.as_chunks::<LANES>();
    for (((a, b), c), n) in a.iter_mut().zip(b).zip(c).zip(n) {
        let (x, y) = one(s.chunk(a), s.chunk(b), s.chunk(c), s.chunk(n));
        s.put_chunk(x, a);
        s.put_chunk(y, b);
    }
    if !a_tail.is_empty() {
        let (x, y) = one(s.tail(a_tail), s.tail(b_tail), s.tail(c_tail), s.tail(n_tail));
        s.put_tail(x, a_tail);
        s.put_tail(y, b_tail);
    }
}
