//! Gradients of causal attention, from what the forward pass kept: its inputs, its output, and one
//! log-sum-exp per row and head (FlashAttention's backward pass, Dao et al. 2022, arXiv
//! 2205.14135).
//!
//! Probabilities are not kept. There are as many as rows times keys for every head and layer, so
//! that for long sequences they would be most of a training step's memory; `e^(score - lse)` is one
//! more product instead. The sum over keys that softmax's gradient subtracts is `dO · O`, a dot
//! product of two rows that are there, so no row is gone over twice.
//!
//! The order of sums decides the bits, so it is fixed here and left to no thread. A thread takes
//! one key head of one segment: its gradients are sums over the query heads that share it, one
//! after the other, and within each over blocks of rows from the first to the last. Segments that
//! share a prefix all add to that prefix's keys and values; each returns its part in memory of its
//! own ([`Shared`]), and the parts are added once all are there, in the order of the segments.
//! Adding in place under a lock would need no such memory, and would add in whatever order threads
//! come by.
//!
//! Blocks trade two costs. A block of rows is multiplied with all keys that its last row sees, so
//! the triangle above the diagonal is computed and thrown away: small blocks waste little of it,
//! and large ones make faster products. All five products of a block share the waste.

use super::attention::{Piece, Segment, head_of, pieces, transposed, with_whole, worth_threads, zero};
use super::exp::{exp, tanh};
use super::matrix::{Matrix, MatrixMut};
use super::scores::{Heads, Scores};
use super::scratch::with_scratch;
use crate::simd::{LANES, Simd, inlined, vectorised};
use rayon::prelude::*;

/// Rows of queries per product: trades the causal triangle's waste against the product's
/// efficiency.
const QUERIES: usize = 32;

/// What the forward pass of attention read and wrote.
#[derive(Clone, Copy, Debug)]
pub struct AttentionForward<'a> {
    /// `[rows, heads * head_dim]`
    pub q: &'a [f32],
    /// `[rows, kv_heads * head_dim]`
    pub k: &'a [f32],
    /// `[rows, kv_heads * head_dim]`
    pub v: &'a [f32],
    /// `[rows, heads * head_dim]`
    pub out: &'a [f32],
    /// `[rows, heads]`
    pub lse: &'a [f32],
}

/// Gradients of [`super::attention`] for `d_out: [rows, heads * head_dim]`; overwrites `dq`, `dk`,
/// `dv`.
pub fn attention_backward(
    forward: AttentionForward,
    d_out: &[f32],
    scores: impl Into<Scores>,
    segments: &[Segment],
    dq: &mut [f32],
    dk: &mut [f32],
    dv: &mut [f32],
) {
    let scores = scores.into();
    let heads = scores.heads;
    let rows = d_out.len() / heads.width();
    let matrix = |x, width| Matrix::new(x, rows, width);
    let views = Views {
        q: matrix(forward.q, heads.width()),
        k: matrix(forward.k, heads.kv_width()),
        v: matrix(forward.v, heads.kv_width()),
        out: matrix(forward.out, heads.width()),
        lse: matrix(forward.lse, heads.heads),
        d_out: matrix(d_out, heads.width()),
    };
    let kv = heads.kv_heads;
    let dqs = pieces(MatrixMut::new(dq, rows, heads.width()), segments, kv);
    let dks = pieces(MatrixMut::new(dk, rows, heads.kv_width()), segments, kv);
    let dvs = pieces(MatrixMut::new(dv, rows, heads.kv_width()), segments, kv);
    let one = |((dq, dk), dv): ((Piece, Piece), Piece)| group_backward(&views, scores, dq, dk.part, dv.part);
    let shared: Vec<Option<Shared>> = if worth_threads(segments, heads) {
        dqs.into_par_iter().zip(dks).zip(dvs).map(one).collect()
    } else {
        dqs.into_iter().zip(dks).zip(dvs).map(one).collect()
    };
    // In the order of the segments, after what each prefix has of itself.
    shared.into_iter().flatten().for_each(|shared| shared.add(heads, dk, dv));
}

/// What a segment adds to the gradients of its prefix's keys and values, of one head.
struct Shared {
    segment: Segment,
    head: usize,
    /// `[2, prefix, head_dim]`: of the keys, then of the values.
    gradients: Vec<f32>,
}

impl Shared {
    fn add(&self, heads: Heads, dk: &mut [f32], dv: &mut [f32]) {
        let (dim, width) = (heads.head_dim, heads.kv_width());
        let (keys, values) = self.gradients.split_at(self.gradients.len() / 2);
        for (from, to) in [(keys, dk), (values, dv)] {
            for (place, row) in from.chunks_exact(dim).enumerate() {
                let at = self.segment.row(place) * width + self.head * dim;
                to[at..at + dim].iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
        }
    }
}

struct Views<'a> {
    q: Matrix<'a>,
    k: Matrix<'a>,
    v: Matrix<'a>,
    out: Matrix<'a>,
    lse: Matrix<'a>,
    d_out: Matrix<'a>,
}

/// One key head of one segment; gives what its prefix's rows have of it.
fn group_backward(views: &Views, scores: Scores, dq: Piece, mut dk: MatrixMut, mut dv: MatrixMut) -> Option<Shared> {
    let (segment, head, heads) = (dq.segment, dq.head, scores.heads);
    let (whole, dim) = (segment.whole(), heads.head_dim);
    with_whole(views.k, views.v, segment, head, heads, |k, v| {
        if segment.prefix.len == 0 {
            members_backward(views, scores, dq, (k, v), dk, dv);
            return None;
        }
        let mut gradients = vec![0.0; 2 * whole * dim];
        let (keys, values) = gradients.split_at_mut(whole * dim);
        members_backward(
            views,
            scores,
            dq,
            (k, v),
            MatrixMut::new(keys, whole, dim),
            MatrixMut::new(values, whole, dim),
        );
        let before = segment.prefix.len * dim;
        for (from, to) in [(&*keys, &mut dk), (&*values, &mut dv)] {
            from[before..].chunks_exact(dim).enumerate().for_each(|(i, row)| to.row(i).copy_from_slice(row));
        }
        let gradients = [&keys[..before], &values[..before]].concat();
        Some(Shared { segment, head, gradients })
    })
}

/// The query heads that share one key head, one after the other: their sums into `dk` and `dv`,
/// `[whole, head_dim]`, have one order.
fn members_backward(
    views: &Views,
    scores: Scores,
    dq: Piece,
    (k, v): (Matrix, Matrix),
    mut dk: MatrixMut,
    mut dv: MatrixMut,
) {
    let heads = scores.heads;
    let (segment, kv) = (dq.segment, dq.head);
    zero(dk.reborrow());
    zero(dv.reborrow());
    let mut dq = dq.part;
    with_scratch(2 * k.rows * k.cols, |scratch| {
        let (keys, values) = scratch.split_at_mut(k.rows * k.cols);
        let (keys, values) = (transposed(k, scores.precision, keys), transposed(v, scores.precision, values));
        for member in 0..heads.group() {
            let head = kv * heads.group() + member;
            let one = Head {
                q: head_of(views.q, segment, head, heads),
                k,
                keys,
                values,
                out: head_of(views.out, segment, head, heads),
                lse: views.lse.row_range(segment.start, segment.len).col_range(head, 1),
                d_out: head_of(views.d_out, segment, head, heads),
                scores,
            };
            let dq = dq.reborrow().col_range(member * heads.head_dim, heads.head_dim);
            head_backward(&one, dq, dk.reborrow(), dv.reborrow());
        }
    });
}

/// One query head of one segment; `k` is `[whole, head_dim]`, `keys` and `values` are transposed,
/// `[head_dim, whole]`.
struct Head<'a> {
    q: Matrix<'a>,
    k: Matrix<'a>,
    keys: Matrix<'a>,
    values: Matrix<'a>,
    out: Matrix<'a>,
    lse: Matrix<'a>,
    d_out: Matrix<'a>,
    scores: Scores,
}

/// P = e^(S - lse); dV += Pᵀ dO; dS = S' P (dO Vᵀ - dO · O); dQ = dS K; dK += dSᵀ Q, with S = scale
/// QKᵀ and S' = scale, or both of the capped scores.
fn head_backward(h: &Head, mut dq: MatrixMut, mut dk: MatrixMut, mut dv: MatrixMut) {
    let (len, whole, precision) = (h.q.rows, h.k.rows, h.scores.precision);
    with_scratch(2 * QUERIES * whole, |scratch| {
        let (p, ds) = scratch.split_at_mut(QUERIES * whole);
        for start in (0..len).step_by(QUERIES) {
            let rows = QUERIES.min(len - start);
            let place = whole - len + start;
            let first = h.scores.first_paired(place);
            let width = place + rows - first;
            let (p, ds) = (&mut p[..rows * width], &mut ds[..rows * width]);
            let (q, d_out) = (h.q.row_range(start, rows), h.d_out.row_range(start, rows));
            precision.gemm_serial(q, h.keys.col_range(first, width), MatrixMut::new(p, rows, width), false);
            precision.gemm_serial(d_out, h.values.col_range(first, width), MatrixMut::new(ds, rows, width), false);
            score_gradients(p, ds, h, start, width);
            let (p, ds) = (Matrix::new(p, rows, width), Matrix::new(ds, rows, width));
            precision.gemm_serial(p.t(), d_out, dv.reborrow().row_range(first, width), true);
            precision.gemm_serial(ds.t(), q, dk.reborrow().row_range(first, width), true);
            precision.gemm_serial(ds, h.k.row_range(first, width), dq.reborrow().row_range(start, rows), false);
        }
    });
}

vectorised! {
    /// Turns scores into probabilities, and gradients of probabilities into gradients of scores, in
    /// place.
    fn score_gradients(p: &mut [f32], ds: &mut [f32], head: &Head, start: usize, width: usize) = score_gradients_body
}

#[inline(always)]
fn score_gradients_body<S: Simd>(s: S, p: &mut [f32], ds: &mut [f32], h: &Head, start: usize, width: usize) {
    let before = h.k.rows - h.q.rows;
    let first = h.scores.first_paired(before + start);
    for (i, (p, ds)) in p.chunks_exact_mut(width).zip(ds.chunks_exact_mut(width)).enumerate() {
        let row = start + i;
        let place = before + row;
        let (from, to) = (h.scores.first_seen(place) - first, place + 1 - first);
        for hidden in [0..from, to..width] {
            p[hidden.clone()].fill(0.0);
            ds[hidden].fill(0.0);
        }
        let (p, ds) = (&mut p[from..to], &mut ds[from..to]);
        let shift = s.splat(-h.lse.at(row, 0));
        let mean = s.splat(dot(s, h.d_out.run(row, 0, h.d_out.cols), h.out.run(row, 0, h.out.cols)));
        match h.scores.softcap {
            None => plain_gradients(s, p, ds, h.scores.scale, shift, mean),
            Some(cap) => capped_gradients(s, p, ds, h.scores.scale, cap, shift, mean),
        }
    }
}

#[inline(always)]
fn plain_gradients<S: Simd>(s: S, p: &mut [f32], ds: &mut [f32], scale: f32, shift: S::V, mean: S::V) {
    let scales = s.splat(scale);
    let both = inlined(
        #[inline(always)]
        |x: S::V, d: S::V| {
            let p = exp(s, s.fma(x, scales, shift));
            (p, s.mul(s.mul(p, s.sub(d, mean)), scales))
        },
    );
    each_pair(s, p, ds, both);
}

/// With t = tanh(scale x / cap): the score is cap t, and its derivative scale (1 - t²).
#[inline(always)]
fn capped_gradients<S: Simd>(s: S, p: &mut [f32], ds: &mut [f32], scale: f32, cap: f32, shift: S::V, mean: S::V) {
    let (factor, scales, caps) = (s.splat(scale / cap), s.splat(scale), s.splat(cap));
    let one = s.splat(1.0);
    let both = inlined(
        #[inline(always)]
        |x: S::V, d: S::V| {
            let t = tanh(s, s.mul(x, factor));
            let p = exp(s, s.fma(caps, t, shift));
            let derivative = s.mul(scales, s.sub(one, s.mul(t, t)));
            (p, s.mul(s.mul(p, s.sub(d, mean)), derivative))
        },
    );
    each_pair(s, p, ds, both);
}

/// Replaces every pair of elements.
#[inline(always)]
fn each_pair<S: Simd>(s: S, p: &mut [f32], ds: &mut [f32], both: impl Fn(S::V, S::V) -> (S::V, S::V)) {
    let (ps, p_tail) = p.as_chunks_mut::<LANES>();
    let (dss, ds_tail) = ds.as_chunks_mut::<LANES>();
    for (p, d) in ps.iter_mut().zip(dss) {
        let (a, b) = both(s.chunk(p), s.chunk(d));
        s.put_chunk(a, p);
        s.put_chunk(b, d);
    }
    if !p_tail.is_empty() {
        let (a, b) = both(s.tail(p_tail), s.tail(ds_tail));
        s.put_tail(a, p_tail);
        s.put_tail(b, ds_tail);
    }
}

/// The dot product of two slices of one length.
#[inline(always)]
fn dot<S: Simd>(s: S, a: &[f32], b: &[f32]) -> f32 {
    let (a, a_tail) = a.as_chunks::<LANES>();
    let (b, b_tail) = b.as_chunks::<LANES>();
    let mut sum = s.splat(0.0);
    for (a, b) in a.iter().zip(b) {
        sum = s.fma(s.chunk(a), s.chunk(b), sum);
    }
    if !a_tail.is_empty() {
        sum = s.fma(s.tail(a_tail), s.tail(b_tail), sum);
    }
    s.sum(sum)
}
