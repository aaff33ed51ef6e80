//! Keys and values of the sequences being decoded, in pages of 16 positions, and attention over
//! them.
//!
//! A page has all layers of its positions. Sequences that begin alike share pages; whoever owns a
//! page alone may write to it.

mod plain;
mod rounded;

use super::precision::Precision;
use super::scores::Heads;
use super::scores::Scores;
use super::scratch::Line;
use super::softmax::{capped, exponentials, exponentials_of_rows};
use crate::simd::{LANES, Simd};
use std::sync::Arc;

/// Positions of a page.
pub const PAGE: usize = LANES;

/// How pages are laid out.
///
/// Keys lie as `[kv_heads, head_dim, 16]`, so that one row's scores are vectors over positions and
/// each is the same chain of multiply-adds as in [`super::attention`]: **decoding gives the bits
/// that training gives**. Values lie as `[16, kv_heads * head_dim]`. As bf16 they lie in pairs:
/// keys as `[kv_heads, head_dim / 2, 16]`, values as `[8, kv_heads * head_dim]`, each pair two
/// neighbours of what is summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageShape {
    /// The heads of every layer.
    pub heads: Heads,
    /// Layers.
    pub layers: usize,
    /// What keys and values are rounded to.
    pub precision: Precision,
}

/// Keys and values of 16 positions in all layers.
#[derive(Clone, Debug)]
pub struct Page(Vec<Line>);

impl PageShape {
    /// Rows of a head's keys.
    fn depth(&self) -> usize {
        match self.precision {
            Precision::F32 => self.heads.head_dim,
            Precision::Bf16 => self.heads.head_dim.div_ceil(2),
        }
    }

    /// Words of one layer's keys.
    fn keys(&self) -> usize {
        self.heads.kv_heads * self.depth() * PAGE
    }

    /// Words of one layer's values.
    fn values(&self) -> usize {
        let rows = if self.precision == Precision::F32 { PAGE } else { PAGE / 2 };
        rows * self.heads.kv_width()
    }

    /// Bytes of a page.
    pub fn bytes(&self) -> u64 {
        (self.lines() * size_of::<Line>()) as u64
    }

    fn lines(&self) -> usize {
        (self.layers * (self.keys() + self.values())).div_ceil(LANES)
    }

    /// A page of zeros.
    pub fn page(&self) -> Page {
        Page(vec![Line::default(); self.lines()])
    }
}

impl Page {
    fn keys(&self, shape: &PageShape, layer: usize) -> &[u32] {
        &bytemuck::cast_slice(&self.0)[layer * (shape.keys() + shape.values())..][..shape.keys()]
    }

    fn values(&self, shape: &PageShape, layer: usize) -> &[u32] {
        &bytemuck::cast_slice(&self.0)[layer * (shape.keys() + shape.values()) + shape.keys()..][..shape.values()]
    }

    /// Writes one position's keys (already rotated) and values of a layer; `k`, `v`:
    /// `[kv_heads * head_dim]`. Positions of a sequence are written in ascending order.
    pub fn store(&mut self, shape: &PageShape, layer: usize, position: usize, k: &[f32], v: &[f32]) {
        let (at, kv, dim) = (position % PAGE, shape.heads.kv_width(), shape.heads.head_dim);
        assert!(k.len() == kv && v.len() == kv && layer < shape.layers, "keys and values of {kv}");
        let words: &mut [u32] = bytemuck::cast_slice_mut(&mut self.0);
        let layer = &mut words[layer * (shape.keys() + shape.values())..][..shape.keys() + shape.values()];
        let (keys, values) = layer.split_at_mut(shape.keys());
        match shape.precision {
            Precision::F32 => {
                values[at * kv..][..kv].copy_from_slice(bytemuck::cast_slice(v));
                k.iter().zip(keys.chunks_exact_mut(PAGE)).for_each(|(x, column)| column[at] = x.to_bits());
            }
            Precision::Bf16 => rounded::store(at, dim, [k, v], keys, &mut values[at / 2 * kv..][..kv]),
        }
    }
}

/// One row and the sequence that it sees.
#[derive(Clone, Copy)]
struct Row<'a> {
    shape: &'a PageShape,
    scores: Scores,
    layer: usize,
    /// `[heads * head_dim]`
    q: &'a [f32],
    /// From the page of the first key that is seen to that of the row's own.
    pages: &'a [Arc<Page>],
    /// Keys that are scored: from the first page's first to the row's own.
    width: usize,
    /// How many of the first of these are not seen.
    skip: usize,
}

/// Softmax of the scores of `H` heads, `[H, room]` with room for at least [`Row::width`]: what is
/// not seen weighs nothing. Returns what sums are multiplied by.
#[inline(always)]
fn softmax<S: Simd, const H: usize>(s: S, row: &Row, scores: &mut [f32], room: usize) -> [f32; H] {
    let mut scale = row.scores.scale;
    for scores in scores.chunks_exact_mut(room).take(H) {
        let (seen, rest) = scores.split_at_mut(row.width);
        scale = capped(s, &mut seen[row.skip..], row.scores);
        rest.fill(f32::NEG_INFINITY);
    }
    let mut factors = [0.0; H];
    if row.skip == 0 {
        factors = exponentials_of_rows(s, scores, room, scale);
    } else {
        // lanes are counted from the first key that is seen, as in training
        for (sum, scores) in factors.iter_mut().zip(scores.chunks_exact_mut(room)) {
            *sum = exponentials(s, &mut scores[row.skip..], scale).1;
            scores[..row.skip].fill(0.0);
        }
    }
    for factor in &mut factors {
        *factor = 1.0 / *factor;
    }
    factors
}

/// Lets the row at `position` of a sequence attend to the positions that it sees, its own the last
/// of them, which has been stored. `pages` are the sequence's, from its first on; `q`, `out`:
/// `[heads * head_dim]`.
pub fn attend(
    shape: &PageShape,
    scores: Scores,
    layer: usize,
    pages: &[Arc<Page>],
    position: usize,
    q: &[f32],
    out: &mut [f32],
) {
    let width = shape.heads.width();
    assert!(q.len() == width && out.len() == width && scores.heads == shape.heads, "a row of {width}");
    assert!(scores.precision == shape.precision && position < pages.len() * PAGE, "position {position}");
    let first = scores.first_seen(position);
    let start = first / PAGE * PAGE;
    let pages = &pages[start / PAGE..=position / PAGE];
    let row = Row { shape, scores, layer, q, pages, width: position + 1 - start, skip: first - start };
    match shape.precision {
        Precision::F32 => plain::attend(&row, out),
        Precision::Bf16 => rounded::attend(&row, out),
    }
}
