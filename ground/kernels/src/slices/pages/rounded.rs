//! Attention of one row over pages of bf16: queries and weights are rounded too, as [`super::super::attention`] rounds them.

use super::super::bf16::pack_run;
use super::super::scratch::with_scratch;
use super::super::softmax::weights;
use super::{PAGE, Row};
use crate::simd::{LANES, Pairs, vectorised_pairs};

pub(super) fn attend(row: &Row, out: &mut [f32]) {
    let (heads, paired) = (row.shape.heads.heads, row.width.div_ceil(2));
    with_scratch(heads * (row.width + paired + row.shape.depth()), |scratch| {
        let (scores, pairs) = scratch.split_at_mut(heads * row.width);
        attend_row(row, scores, bytemuck::cast_slice_mut(pairs), out);
    });
}

vectorised_pairs! {
    /// Working memory: `scores: [heads, width]`, `pairs`: of the queries `[heads, depth]`, then of the weights `[heads, width / 2]`.
    fn attend_row(row: &Row, scores: &mut [f32], pairs: &mut [u32], out: &mut [f32]) = attend_row_body
}

#[inline(always)]
fn attend_row_body<S: Pairs>(s: S, row: &Row, scores: &mut [f32], pairs: &mut [u32], out: &mut [f32]) {
    let (heads, dim, depth) = (row.shape.heads, row.shape.heads.head_dim, row.shape.depth());
    let (queries, weights) = pairs.split_at_mut(heads.heads * depth);
    for (q, pairs) in row.q.chunks_exact(dim).zip(queries.chunks_exact_mut(depth)) {
        pack_run(s, q, pairs);
    }
    for (head, scores) in scores.chunks_exact_mut(row.width).enumerate() {
        head_scores(s, row, head, &queries[head * depth..][..depth], scores);
    }
    let mut done = 0;
    while done < heads.heads {
        let scores = &mut scores[done * row.width..];
        let (weights, out) = (&mut weights[done * row.width.div_ceil(2)..], &mut out[done * dim..]);
        done += match (dim, heads.heads - done) {
            (16, 8..) => weigh_values::<S, 8, 1>(s, row, done, scores, weights, out),
            (16, _) => weigh_values::<S, 1, 1>(s, row, done, scores, weights, out),
            (32, 4..) => weigh_values::<S, 4, 2>(s, row, done, scores, weights, out),
            (32, _) => weigh_values::<S, 1, 2>(s, row, done, scores, weights, out),
            (64, 2..) => weigh_values::<S, 2, 4>(s, row, done, scores, weights, out),
            (64, _) => weigh_values::<S, 1, 4>(s, row, done, scores, weights, out),
            (128, _) => weigh_values::<S, 1, 8>(s, row, done, scores, weights, out),
            _ => weigh_values_of_any_width(s, row, done, scores, weights, out),
        };
    }
}

/// The products of one query with every key: as many pages at a time as hide the latency of the chains.
#[inline(always)]
fn head_scores<S: Pairs>(s: S, row: &Row, head: usize, query: &[u32], scores: &mut [f32]) {
    let mut at = 0;
    while at < row.pages.len() {
        let scores = &mut scores[at * PAGE..];
        at += match row.pages.len() - at {
            8.. => page_scores::<S, 8>(s, row, head, query, at, scores),
            4.. => page_scores::<S, 4>(s, row, head, query, at, scores),
            2.. => page_scores::<S, 2>(s, row, head, query, at, scores),
            _ => page_scores::<S, 1>(s, row, head, query, at, scores),
        };
    }
}

/// The scores of `N` pages; returns `N`.
#[inline(always)]
fn page_scores<S: Pairs, const N: usize>(
    s: S,
    row: &Row,
    head: usize,
    query: &[u32],
    at: usize,
    scores: &mut [f32],
) -> usize {
    let words = query.len() * PAGE;
    let first = head / row.shape.heads.group() * words;
    let keys: [&[[u32; LANES]]; N] =
        std::array::from_fn(|n| row.pages[at + n].keys(row.shape, row.layer)[first..][..words].as_chunks().0);
    let mut sums = [s.splat(0.0); N];
    for (p, &two) in query.iter().enumerate() {
        let two = s.splat_pair(two);
        for (sum, keys) in sums.iter_mut().zip(&keys) {
            *sum = s.dot(two, s.pairs(&keys[p]), *sum);
        }
    }
    for (sum, scores) in sums.into_iter().zip(scores.chunks_mut(LANES)) {
        s.put_tail(sum, scores);
    }
    N
}

/// Softmax of one head's scores, and the weights rounded; what is not seen weighs nothing. Returns what sums are multiplied by.
#[inline(always)]
fn rounded_weights<S: Pairs>(s: S, row: &Row, scores: &mut [f32], pairs: &mut [u32]) -> f32 {
    let sum = weights(s, &mut scores[row.skip..], row.scores).1;
    scores[..row.skip].fill(0.0);
    pack_run(s, scores, pairs);
    1.0 / sum
}

/// Softmax and weighted sum of values for `H` heads of `16 * V` elements, from head `first` on: their chains run side by
/// side. Returns `H`.
#[inline(always)]
fn weigh_values<S: Pairs, const H: usize, const V: usize>(
    s: S,
    row: &Row,
    first: usize,
    scores: &mut [f32],
    pairs: &mut [u32],
    out: &mut [f32],
) -> usize {
    let (heads, width) = (row.shape.heads, row.width.div_ceil(2));
    let mut factors = [0.0; H];
    let each = scores.chunks_exact_mut(row.width).zip(pairs.chunks_exact_mut(width));
    for (factor, (scores, pairs)) in factors.iter_mut().zip(each) {
        *factor = rounded_weights(s, row, scores, pairs);
    }
    let weights: [&[u32]; H] = std::array::from_fn(|h| &pairs[h * width..][..width]);
    let columns: [usize; H] = std::array::from_fn(|h| (first + h) / heads.group() * heads.head_dim);
    let mut sums = [[s.splat(0.0); V]; H];
    for (number, page) in row.pages.iter().enumerate() {
        let values = page.values(row.shape, row.layer);
        let start = number * PAGE / 2;
        let to = (PAGE / 2).min(width - start);
        for (j, values) in values.chunks_exact(heads.kv_width()).enumerate().take(to) {
            for h in 0..H {
                let weight = s.splat_pair(weights[h][start + j]);
                let (values, _) = values[columns[h]..][..V * LANES].as_chunks();
                for v in 0..V {
                    sums[h][v] = s.dot(weight, s.pairs(&values[v]), sums[h][v]);
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
fn weigh_values_of_any_width<S: Pairs>(
    s: S,
    row: &Row,
    head: usize,
    scores: &mut [f32],
    pairs: &mut [u32],
    out: &mut [f32],
) -> usize {
    let (heads, dim) = (row.shape.heads, row.shape.heads.head_dim);
    let pairs = &mut pairs[..row.width.div_ceil(2)];
    let factor = rounded_weights(s, row, &mut scores[..row.width], pairs);
    let column = head / heads.group() * dim;
    for (v, out) in out[..dim].chunks_mut(LANES).enumerate() {
        let mut sum = s.splat(0.0);
        for (at, &weight) in pairs.iter().enumerate() {
            let values = row.pages[2 * at / PAGE].values(row.shape, row.layer);
            let values = &values[at % (PAGE / 2) * heads.kv_width() + column + v * LANES..][..out.len()];
            let mut whole = [0; LANES];
            whole[..values.len()].copy_from_slice(values);
            sum = s.dot(s.splat_pair(weight), s.pairs(&whole), sum);
        }
        s.put_tail(s.mul(sum, s.splat(factor)), out);
    }
    1
}
