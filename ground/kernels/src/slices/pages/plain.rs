//! Attention of one row over pages of `f32`.

use super::super::scratch::with_scratch;
use super::{PAGE, Row, softmax};
use crate::simd::{LANES, Simd, vectorised};

/// Scores of a head that there is room for: whole pages.
fn room(row: &Row) -> usize {
    row.width.next_multiple_of(PAGE)
}

pub(super) fn attend(row: &Row, out: &mut [f32]) {
    with_scratch(row.shape.heads.heads * room(row), |scores| attend_row(row, scores, out));
}

vectorised! {
    /// `scores`: working memory, `[heads, room]`.
    fn attend_row(row: &Row, scores: &mut [f32], out: &mut [f32]) = attend_row_body
}

#[inline(always)]
fn attend_row_body<S: Simd>(s: S, row: &Row, scores: &mut [f32], out: &mut [f32]) {
    let (heads, dim, room) = (row.shape.heads, row.shape.heads.head_dim, room(row));
    for (head, scores) in scores.chunks_exact_mut(room).enumerate() {
        head_scores(s, row, head, scores);
    }
    let mut done = 0;
    while done < heads.heads {
        let (scores, out) = (&mut scores[done * room..], &mut out[done * dim..]);
        done += match (dim, heads.heads - done) {
            (16, 8..) => weigh_values::<S, 8, 1>(s, row, done, scores, out),
            (16, 4..) => weigh_values::<S, 4, 1>(s, row, done, scores, out),
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

/// The products of one query with every key: as many pages at a time as hide the latency of the
/// chains.
#[inline(always)]
fn head_scores<S: Simd>(s: S, row: &Row, head: usize, scores: &mut [f32]) {
    let mut at = 0;
    while at < row.pages.len() {
        let scores = &mut scores[at * PAGE..];
        at += match row.pages.len() - at {
            8.. => page_scores::<S, 8>(s, row, head, at, scores),
            7 => page_scores::<S, 7>(s, row, head, at, scores),
            6 => page_scores::<S, 6>(s, row, head, at, scores),
            5 => page_scores::<S, 5>(s, row, head, at, scores),
            4 => page_scores::<S, 4>(s, row, head, at, scores),
            3 => page_scores::<S, 3>(s, row, head, at, scores),
            2 => page_scores::<S, 2>(s, row, head, at, scores),
            _ => page_scores::<S, 1>(s, row, head, at, scores),
        };
    }
}

/// The scores of `N` pages; returns `N`.
#[inline(always)]
fn page_scores<S: Simd, const N: usize>(s: S, row: &Row, head: usize, at: usize, scores: &mut [f32]) -> usize {
    let (heads, dim) = (row.shape.heads, row.shape.heads.head_dim);
    let mut keys: [&[[f32; LANES]]; N] = [&[]; N];
    for (keys, page) in keys.iter_mut().zip(&row.pages[at..]) {
        let all: &[f32] = bytemuck::cast_slice(page.keys(row.shape, row.layer));
        *keys = all[head / heads.group() * dim * PAGE..][..dim * PAGE].as_chunks().0;
    }
    let mut sums = [s.splat(0.0); N];
    for (d, &x) in row.q[head * dim..][..dim].iter().enumerate() {
        let x = s.splat(x);
        for (sum, keys) in sums.iter_mut().zip(&keys) {
            *sum = s.fma(x, s.chunk(&keys[d]), *sum);
        }
    }
    for (sum, scores) in sums.into_iter().zip(scores.as_chunks_mut().0) {
        s.put_chunk(sum, scores);
    }
    N
}

/// Softmax and weighted sum of values for `H` heads of `16 * V` elements, from head `first` on:
/// their chains run side by side. Returns `H`.
#[inline(always)]
fn weigh_values<S: Simd, const H: usize, const V: usize>(
    s: S,
    row: &Row,
    first: usize,
    scores: &mut [f32],
    out: &mut [f32],
) -> usize {
    let (heads, room) = (row.shape.heads, room(row));
    let factors: [f32; H] = softmax(s, row, scores, room);
    let (mut weights, mut columns): ([&[f32]; H], [usize; H]) = ([&[]; H], [0; H]);
    for h in 0..H {
        weights[h] = &scores[h * room..][..row.width];
        columns[h] = (first + h) / heads.group() * heads.head_dim;
    }
    let mut sums = [[s.splat(0.0); V]; H];
    for (number, page) in row.pages.iter().enumerate() {
        let values: &[f32] = bytemuck::cast_slice(page.values(row.shape, row.layer));
        let start = number * PAGE;
        let from = row.skip.saturating_sub(start);
        let to = PAGE.min(row.width - start);
        for (j, values) in values.chunks_exact(heads.kv_width()).enumerate().take(to).skip(from) {
            for h in 0..H {
                let weight = s.splat(weights[h][start + j]);
                let (values, _) = values[columns[h]..][..V * LANES].as_chunks();
                for v in 0..V {
                    sums[h][v] = s.fma(weight, s.chunk(&values[v]), sums[h][v]);
                }
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
    let (heads, dim) = (row.shape.heads, row.shape.heads.head_dim);
    let [factor] = softmax(s, row, scores, room(row));
    let scores = &scores[..row.width];
    let column = head / heads.group() * dim;
    for (v, out) in out[..dim].chunks_mut(LANES).enumerate() {
        let mut sum = s.splat(0.0);
        for (at, &weight) in scores.iter().enumerate().skip(row.skip) {
            let values: &[f32] = bytemuck::cast_slice(row.pages[at / PAGE].values(row.shape, row.layer));
            let values = &values[at % PAGE * heads.kv_width() + column + v * LANES..][..out.len()];
            sum = s.fma(s.splat(weight), s.tail(values), sum);
        }
        s.put_tail(s.mul(sum, s.splat(factor)), out);
    }
    1
}
