//! Attention of one row over pages of bf16: queries and weights are rounded too, as
//! [`super::super::attention`] rounds them.

use super::super::bf16::{pack_run, pack_two};
use super::super::scratch::with_scratch;
use super::{PAGE, Row, softmax};
use crate::simd::{LANES, Pairs, vectorised_pairs};

/// Writes one position's keys and values, `kv`: at `at` of a page, whose keys are `keys`; `values`
/// are those of the position and its neighbour.
pub(super) fn store(at: usize, dim: usize, kv: [&[f32]; 2], keys: &mut [u32], values: &mut [u32]) {
    with_scratch(values.len() + dim, |scratch| store_rounded(at, dim, kv, scratch, keys, values));
}

vectorised_pairs! {
    fn store_rounded(at: usize, dim: usize, kv: [&[f32]; 2], scratch: &mut [f32], keys: &mut [u32], values: &mut [u32])
        = store_rounded_body
}

#[inline(always)]
fn store_rounded_body<S: Pairs>(
    s: S,
    at: usize,
    dim: usize,
    [k, v]: [&[f32]; 2],
    scratch: &mut [f32],
    keys: &mut [u32],
    values: &mut [u32],
) {
    let (before, pairs) = scratch.split_at_mut(v.len());
    let pairs = &mut bytemuck::cast_slice_mut(pairs)[..dim.div_ceil(2)];
    for (head, keys) in k.chunks_exact(dim).zip(keys.chunks_exact_mut(pairs.len() * PAGE)) {
        pack_run(s, head, pairs);
        keys.as_chunks_mut::<PAGE>().0.iter_mut().zip(&*pairs).for_each(|(column, &pair)| column[at] = pair);
    }
    if at.is_multiple_of(2) {
        // the odd half of an even position is nobody's yet, and must be a number
        pack_two(s, v, &[], values);
    } else {
        before.iter_mut().zip(&*values).for_each(|(even, pair)| *even = f32::from_bits(pair << 16));
        pack_two(s, before, v, values);
    }
}

/// Scores of a head that there is room for: whole pages, and as pairs whole vectors.
fn room(row: &Row) -> usize {
    row.width.next_multiple_of(2 * LANES)
}

pub(super) fn attend(row: &Row, out: &mut [f32]) {
    let (heads, room) = (row.shape.heads.heads, room(row));
    with_scratch(heads * (room + room / 2 + row.shape.depth()), |scratch| {
        let (scores, pairs) = scratch.split_at_mut(heads * room);
        attend_row(row, scores, bytemuck::cast_slice_mut(pairs), out);
    });
}

vectorised_pairs! {
    /// Working memory: `scores: [heads, room]`, `pairs`: of the weights `[heads, room / 2]`, then
    /// of the queries `[heads, depth]`.
    fn attend_row(row: &Row, scores: &mut [f32], pairs: &mut [u32], out: &mut [f32]) = attend_row_body
}

#[inline(always)]
fn attend_row_body<S: Pairs>(s: S, row: &Row, scores: &mut [f32], pairs: &mut [u32], out: &mut [f32]) {
    let (heads, dim, depth, room) = (row.shape.heads, row.shape.heads.head_dim, row.shape.depth(), room(row));
    let (weights, queries) = pairs.split_at_mut(heads.heads * room / 2);
    for (q, pairs) in row.q.chunks_exact(dim).zip(queries.chunks_exact_mut(depth)) {
        pack_run(s, q, pairs);
    }
    for (head, scores) in scores.chunks_exact_mut(room).enumerate() {
        head_scores(s, row, head, &queries[head * depth..][..depth], scores);
    }
    let mut done = 0;
    while done < heads.heads {
        let scores = &mut scores[done * room..];
        let (weights, out) = (&mut weights[done * room / 2..], &mut out[done * dim..]);
        done += match (dim, heads.heads - done) {
            (16, 8..) => weigh_values::<S, 8, 1>(s, row, done, scores, weights, out),
            (16, 4..) => weigh_values::<S, 4, 1>(s, row, done, scores, weights, out),
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

/// The products of one query with every key: as many pages at a time as hide the latency of the
/// chains.
#[inline(always)]
fn head_scores<S: Pairs>(s: S, row: &Row, head: usize, query: &[u32], scores: &mut [f32]) {
    let mut at = 0;
    while at < row.pages.len() {
        let scores = &mut scores[at * PAGE..];
        at += match row.pages.len() - at {
            8.. => page_scores::<S, 8>(s, row, head, query, at, scores),
            7 => page_scores::<S, 7>(s, row, head, query, at, scores),
            6 => page_scores::<S, 6>(s, row, head, query, at, scores),
            5 => page_scores::<S, 5>(s, row, head, query, at, scores),
            4 => page_scores::<S, 4>(s, row, head, query, at, scores),
            3 => page_scores::<S, 3>(s, row, head, query, at, scores),
            2 => page_scores::<S, 2>(s, row, head, query, at, scores),
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
    let mut keys: [&[[u32; LANES]]; N] = [&[]; N];
    for (keys, page) in keys.iter_mut().zip(&row.pages[at..]) {
        *keys = page.keys(row.shape, row.layer)[first..][..words].as_chunks().0;
    }
    let mut sums = [s.splat(0.0); N];
    for (p, &two) in query.iter().enumerate() {
        let two = s.splat_pair(two);
        for (sum, keys) in sums.iter_mut().zip(&keys) {
            *sum = s.dot(two, s.pairs(&keys[p]), *sum);
        }
    }
    for (sum, scores) in sums.into_iter().zip(scores.as_chunks_mut().0) {
        s.put_chunk(sum, scores);
    }
    N
}

/// [`softmax`] with the weights rounded: `pairs` is `[H, room / 2]`.
#[inline(always)]
fn rounded_weights<S: Pairs, const H: usize>(s: S, row: &Row, scores: &mut [f32], pairs: &mut [u32]) -> [f32; H] {
    let room = room(row);
    let factors = softmax(s, row, scores, room);
    pack_run(s, &scores[..H * room], pairs);
    factors
}

/// Softmax and weighted sum of values for `H` heads of `16 * V` elements, from head `first` on:
/// their chains run side by side. Returns `H`.
#[inline(always)]
fn weigh_values<S: Pairs, const H: usize, const V: usize>(
    s: S,
    row: &Row,
    first: usize,
    scores: &mut [f32],
    pairs: &mut [u32],
    out: &mut [f32],
) -> usize {
    let (heads, room, width) = (row.shape.heads, room(row), row.width.div_ceil(2));
    let factors: [f32; H] = rounded_weights(s, row, scores, pairs);
    let (mut weights, mut columns): ([&[u32]; H], [usize; H]) = ([&[]; H], [0; H]);
    for h in 0..H {
        weights[h] = &pairs[h * room / 2..][..width];
        columns[h] = (first + h) / heads.group() * heads.head_dim;
    }
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
    let [factor] = rounded_weights(s, row, scores, pairs);
    let column = head / heads.group() * dim;
    for (v, out) in out[..dim].chunks_mut(LANES).enumerate() {
        let mut sum = s.splat(0.0);
        for (at, &weight) in pairs[..row.width.div_ceil(2)].iter().enumerate() {
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
