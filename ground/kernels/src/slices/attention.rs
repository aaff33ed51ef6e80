//! Causal attention over a packed batch of sequences of different lengths.
//!
//! A score is one chain of multiply-adds over the head's elements; softmax is [`weights`]; an
//! output element is one chain over the keys in ascending order, times `1 / sum`. Decoding from a
//! cache does the same to one row.

use super::matrix::{Matrix, MatrixMut};
use super::precision::Precision;
use super::scores::{Heads, Scores};
use super::scratch::with_scratch;
use super::softmax::{scale_row, weights};
use super::threads::threads;
use crate::simd::{Simd, vectorised};
use rayon::prelude::*;

/// Most rows of queries that share a product.
const QUERIES: usize = 64;

/// Rows of queries that share a product: few enough to read keys where they lie, or enough to be
/// worth packing them.
fn queries(precision: Precision) -> usize {
    match precision {
        Precision::F32 => 16,
        Precision::Bf16 => QUERIES,
    }
}

/// Some rows of a packed batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The first of them.
    pub start: usize,
    /// How many they are.
    pub len: usize,
}

/// One sequence's rows in a packed batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Its first row.
    pub start: usize,
    /// Its number of rows.
    pub len: usize,
    /// Its prefix: the rows of another segment, which several may share, as a group of answers does
    /// its prompt. They come first in all that it attends to, and have no prefix themselves.
    pub prefix: Rows,
}

impl Segment {
    /// A sequence of its own.
    pub fn new(start: usize, len: usize) -> Segment {
        Segment { start, len, prefix: Rows::default() }
    }

    /// The same with these rows as its prefix.
    pub fn behind(self, prefix: Rows) -> Segment {
        Segment { prefix, ..self }
    }

    /// Rows of the whole sequence.
    pub fn whole(self) -> usize {
        self.prefix.len + self.len
    }

    /// The row of a place in the whole sequence.
    pub fn row(self, place: usize) -> usize {
        match place.checked_sub(self.prefix.len) {
            None => self.prefix.start + place,
            Some(own) => self.start + own,
        }
    }
}

/// Causal softmax attention within each sequence, over the keys that `scores` lets a row see; `q`,
/// `out`: `[rows, heads * head_dim]`, `k`, `v`: `[rows, kv_heads * head_dim]`. Writes the
/// log-sum-exp of each row's scaled scores to `lse: [rows, heads]`. A row gets the same bits
/// whether its sequence shares a prefix or has all rows of its own.
///
/// Segments ascend and do not overlap; rows in none of them are 0.
pub fn attention(
    q: &[f32],
    k: &[f32],
    v: &[f32],
    scores: impl Into<Scores>,
    segments: &[Segment],
    out: &mut [f32],
    lse: &mut [f32],
) {
    let scores = scores.into();
    let heads = scores.heads;
    let rows = q.len() / heads.width();
    let q = Matrix::new(q, rows, heads.width());
    let (k, v) = (Matrix::new(k, rows, heads.kv_width()), Matrix::new(v, rows, heads.kv_width()));
    let outs = pieces(MatrixMut::new(out, rows, heads.width()), segments, heads.heads);
    let sums = pieces(MatrixMut::new(lse, rows, heads.heads), segments, heads.heads);
    let one = |(a, b): (Piece, Piece)| {
        let kv = a.head / heads.group();
        let q = head_of(q, a.segment, a.head, heads);
        with_whole(k, v, a.segment, kv, heads, |k, v| head_forward(q, k, v, scores, a.part, b.part));
    };
    if worth_threads(segments, heads) {
        outs.into_par_iter().zip(sums).for_each(one);
    } else {
        outs.into_iter().zip(sums).for_each(one);
    }
}

/// One head's columns of one segment's rows of an output.
pub(crate) struct Piece<'a> {
    pub(crate) segment: Segment,
    pub(crate) head: usize,
    pub(crate) part: MatrixMut<'a>,
}

/// Cuts `m` into segments by heads, and fills rows of no segment with 0.
pub(crate) fn pieces<'a>(m: MatrixMut<'a>, segments: &[Segment], heads: usize) -> Vec<Piece<'a>> {
    let width = m.cols / heads;
    let mut cut = Vec::with_capacity(segments.len() * heads);
    let (mut rest, mut at) = (m, 0);
    for &segment in segments {
        assert!(segment.start >= at, "segments ascend and do not overlap");
        let (gap, after) = rest.split_rows(segment.start - at);
        let (mut rows, after) = after.split_rows(segment.len);
        zero(gap);
        for head in 0..heads {
            let (part, right) = rows.split_cols(width);
            cut.push(Piece { segment, head, part });
            rows = right;
        }
        (rest, at) = (after, segment.start + segment.len);
    }
    zero(rest);
    cut
}

pub(crate) fn zero(mut m: MatrixMut) {
    (0..m.rows).for_each(|i| m.row(i).fill(0.0));
}

/// One head of one segment.
pub(crate) fn head_of(m: Matrix<'_>, segment: Segment, head: usize, heads: Heads) -> Matrix<'_> {
    m.row_range(segment.start, segment.len).col_range(head * heads.head_dim, heads.head_dim)
}

/// Calls `f` with one head of the keys and values of a whole sequence: where they lie, or copied
/// together where its prefix is another's.
pub(crate) fn with_whole<R>(
    k: Matrix,
    v: Matrix,
    segment: Segment,
    head: usize,
    heads: Heads,
    f: impl FnOnce(Matrix, Matrix) -> R,
) -> R {
    if segment.prefix.len == 0 {
        return f(head_of(k, segment, head, heads), head_of(v, segment, head, heads));
    }
    let (whole, dim) = (segment.whole(), heads.head_dim);
    with_scratch(2 * whole * dim, |scratch| {
        let (keys, values) = scratch.split_at_mut(whole * dim);
        for (from, to) in [(k, &mut *keys), (v, &mut *values)] {
            for (place, row) in to.chunks_exact_mut(dim).enumerate() {
                row.copy_from_slice(from.run(segment.row(place), head * dim, dim));
            }
        }
        f(Matrix::new(keys, whole, dim), Matrix::new(values, whole, dim))
    })
}

/// Whether attention over these segments is worth more than one thread.
pub(crate) fn worth_threads(segments: &[Segment], heads: Heads) -> bool {
    let work: usize = segments.iter().map(|s| s.len * s.whole() * heads.width()).sum();
    work > 1 << 18 && threads() > 1
}

/// `m` transposed: copied over `out` for products that read it where it lies, as it is for those
/// that pack it.
pub(crate) fn transposed<'a>(m: Matrix<'a>, precision: Precision, out: &'a mut [f32]) -> Matrix<'a> {
    if precision == Precision::Bf16 {
        return m.t();
    }
    for i in 0..m.rows {
        for (j, &x) in m.run(i, 0, m.cols).iter().enumerate() {
            out[j * m.rows + i] = x;
        }
    }
    Matrix::new(out, m.cols, m.rows)
}

/// One head of one segment; `q`, `out`: `[len, head_dim]`, `k`, `v`: `[whole, head_dim]`,
/// `lse: [len, 1]`.
fn head_forward(q: Matrix, k: Matrix, v: Matrix, scores: Scores, mut out: MatrixMut, mut lse: MatrixMut) {
    let (len, before, precision) = (q.rows, k.rows - q.rows, scores.precision);
    let step = queries(precision);
    with_scratch(k.rows * k.cols + step * k.rows, |scratch| {
        let (keys, block) = scratch.split_at_mut(k.rows * k.cols);
        let keys = transposed(k, precision, keys);
        for start in (0..len).step_by(step) {
            let rows = step.min(len - start);
            let place = before + start;
            let first = scores.first_paired(place);
            let width = place + rows - first;
            let block = &mut block[..rows * width];
            let seen = keys.col_range(first, width);
            precision.gemm_serial(q.row_range(start, rows), seen, MatrixMut::new(block, rows, width), false);
            let mut sums = [0.0; QUERIES];
            softmax_rows(block, place, scores, &mut sums[..rows], lse.reborrow().row_range(start, rows));
            let weights = Matrix::new(block, rows, width);
            let mut part = out.reborrow().row_range(start, rows);
            precision.gemm_serial(weights, v.row_range(first, width), part.reborrow(), false);
            divide_rows(&mut part, &sums[..rows]);
        }
    });
}

vectorised! {
    /// Row `i` of `block` keeps the scores of what the row at place `start + i` sees, as
    /// exponentials; the others become 0.
    fn softmax_rows(block: &mut [f32], start: usize, scores: Scores, sums: &mut [f32], lse: MatrixMut) = softmax_rows_body
}

#[inline(always)]
fn softmax_rows_body<S: Simd>(
    s: S,
    block: &mut [f32],
    start: usize,
    scores: Scores,
    sums: &mut [f32],
    mut lse: MatrixMut,
) {
    let width = block.len() / sums.len();
    let first = scores.first_paired(start);
    for (i, (row, sum)) in block.chunks_exact_mut(width).zip(sums).enumerate() {
        let (rest, future) = row.split_at_mut(start + i + 1 - first);
        let (forgotten, seen) = rest.split_at_mut(scores.first_seen(start + i) - first);
        forgotten.fill(0.0);
        future.fill(0.0);
        let (top, total) = weights(s, seen, scores);
        *sum = total;
        lse.row(i)[0] = top + natural_log(total);
    }
}

/// The natural logarithm, in `f64` and rounded once: platforms differ in `f32`.
pub(crate) fn natural_log(x: f32) -> f32 {
    f64::from(x).ln() as f32
}

fn divide_rows(out: &mut MatrixMut, sums: &[f32]) {
    for (i, sum) in sums.iter().enumerate() {
        multiply(out.row(i), 1.0 / sum);
    }
}

vectorised! {
    /// `row *= factor`.
    fn multiply(row: &mut [f32], factor: f32) = scale_row
}
