//! `c (+)= a · b`, both operands rounded to bf16 into packed blocks, which all threads fill and all
//! threads read.

use super::tile::{PairTile, tile};
use super::{pack_panel, pack_rows};
use crate::simd::{LANES, Pairs, vectorised_pairs};
use crate::slices::gemm::{is_work, worth_threads};
use crate::slices::matrix::{Matrix, MatrixMut};
use crate::slices::panel::{PANEL, tiles};
use crate::slices::scratch::with_scratch;
use rayon::prelude::*;

/// Depth of a packed block: panels are read from the second-level cache, and the output is read
/// again for every further block.
const DEPTH: usize = 2048;
/// Rows of `a` in a block: they stay in the second-level cache beside the panel that they meet.
const ROWS: usize = 64;
/// Rows of `a`, and columns of `b`, that are packed at a time: whole blocks, and whole panels.
const CHUNK: usize = 24 * ROWS;
const _: () = assert!(CHUNK.is_multiple_of(PANEL));
/// Numbers that are worth a second thread's packing.
const WORTH_A_THREAD: usize = 1 << 15;

/// `c = a · b`, or `c += a · b` when `accumulate`; `a: [m, k]`, `b: [k, n]`, `c: [m, n]`, any
/// strides. Uses rayon's threads when the work is worth it.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn gemm(a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) {
    let piece = worth_threads(a.rows * a.cols * b.cols);
    product(a, b, c, accumulate, piece.map(|work| work / a.cols.max(1)));
}

/// [`gemm`] on the calling thread.
pub(crate) fn gemm_serial(a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) {
    product(a, b, c, accumulate, None);
}

/// `piece`: elements of the output that a thread takes at a time; `None` when one does it all.
fn product(a: Matrix, b: Matrix, mut c: MatrixMut, accumulate: bool, piece: Option<usize>) {
    if !is_work(a, b, &mut c, accumulate) {
        return;
    }
    let depth = a.cols.div_ceil(a.cols.div_ceil(DEPTH)).next_multiple_of(2);
    let (rows, columns) = (c.rows.next_multiple_of(ROWS).min(CHUNK), c.cols.next_multiple_of(PANEL).min(CHUNK));
    with_scratch(depth / 2 * (rows + columns), |scratch| {
        let (packed_a, packed_b) = bytemuck::cast_slice_mut(scratch).split_at_mut(depth / 2 * rows);
        for k in (0..a.cols).step_by(depth) {
            let deep = depth.min(a.cols - k);
            let (a, b) = (a.col_range(k, deep), b.row_range(k, deep));
            for left in (0..b.cols).step_by(CHUNK) {
                let b = b.col_range(left, CHUNK.min(b.cols - left));
                packed(b.cols, deep, PANEL, packed_b, piece.is_some(), |at, n, out| pack_b(b.col_range(at, n), out));
                for top in (0..a.rows).step_by(CHUNK) {
                    let a = a.row_range(top, CHUNK.min(a.rows - top));
                    packed(a.rows, deep, ROWS, packed_a, piece.is_some(), |at, n, out| pack_a(a.row_range(at, n), out));
                    let blocks = Blocks {
                        a: packed_a,
                        b: packed_b,
                        pairs: deep.div_ceil(2),
                        rows: a.rows,
                        by_row: a.col_stride == 1,
                        accumulate: accumulate || k > 0,
                    };
                    let c = c.reborrow().row_range(top, a.rows).col_range(left, b.cols);
                    shared_out(&blocks, (0, 0), c, piece.unwrap_or(usize::MAX));
                }
            }
        }
    });
}

/// Packs rows or columns in runs of `run`: `pack(first, count, destination)`.
fn packed(
    total: usize,
    deep: usize,
    run: usize,
    out: &mut [u32],
    shared: bool,
    pack: impl Fn(usize, usize, &mut [u32]) + Sync,
) {
    let pack = |(number, out): (usize, &mut [u32])| pack(number * run, run.min(total - number * run), out);
    let (size, runs) = (deep.div_ceil(2) * run, total.div_ceil(run));
    match shared && total * deep >= WORTH_A_THREAD {
        true => out.par_chunks_mut(size).take(runs).enumerate().for_each(pack),
        false => out.chunks_mut(size).take(runs).enumerate().for_each(pack),
    }
}

vectorised_pairs! { fn pack_a(rows: Matrix, out: &mut [u32]) = pack_a_body }

#[inline(always)]
fn pack_a_body<S: Pairs>(s: S, rows: Matrix, out: &mut [u32]) {
    pack_rows(s, rows, out);
}

vectorised_pairs! { pub(crate) fn pack_b(columns: Matrix, out: &mut [u32]) = pack_b_body }

#[inline(always)]
fn pack_b_body<S: Pairs>(s: S, columns: Matrix, out: &mut [u32]) {
    pack_panel(s, columns, PANEL, out);
}

/// Both operands as they were packed.
#[derive(Clone, Copy)]
struct Blocks<'a> {
    /// Blocks of [`ROWS`] rows.
    a: &'a [u32],
    /// Panels of [`PANEL`] columns.
    b: &'a [u32],
    /// Pairs of `k`.
    pairs: usize,
    /// Rows of `a`.
    rows: usize,
    /// Whether rows of a block follow one another; else its pairs do.
    by_row: bool,
    /// Add to `c` (true) or overwrite it.
    accumulate: bool,
}

/// Cuts the output, which begins at `(row, column)`, into pieces, and hands each to whichever
/// thread is free.
fn shared_out(blocks: &Blocks, (row, column): (usize, usize), c: MatrixMut, piece: usize) {
    let (tall, wide) = (c.rows > ROWS, c.cols > PANEL);
    if c.rows * c.cols <= piece || !(tall || wide) {
        multiply(*blocks, row, column, c);
    } else if tall && (c.rows >= c.cols || !wide) {
        let at = (c.rows / 2).next_multiple_of(ROWS);
        let (top, bottom) = c.split_rows(at);
        let below = || shared_out(blocks, (row + at, column), bottom, piece);
        rayon::join(|| shared_out(blocks, (row, column), top, piece), below);
    } else {
        let at = (c.cols / 2).next_multiple_of(PANEL);
        let (left, right) = c.split_cols(at);
        let beside = || shared_out(blocks, (row, column + at), right, piece);
        rayon::join(|| shared_out(blocks, (row, column), left, piece), beside);
    }
}

vectorised_pairs! {
    /// The piece of the output that begins at `(row, column)`: a whole block and a whole panel.
    fn multiply(blocks: Blocks, row: usize, column: usize, c: MatrixMut) = multiply_body
}

#[inline(always)]
fn multiply_body<S: Pairs>(s: S, blocks: Blocks, row: usize, column: usize, mut c: MatrixMut) {
    let Blocks { a, b, pairs, rows, by_row, accumulate } = blocks;
    let whole = row.is_multiple_of(ROWS) && column.is_multiple_of(PANEL) && row + c.rows <= rows;
    let (end, last) = ((row + c.rows).next_multiple_of(ROWS).min(rows), (column + c.cols).next_multiple_of(PANEL));
    assert!(whole && a.len() >= end * pairs && b.len() >= last * pairs, "whole blocks and panels");
    for top in (0..c.rows).step_by(ROWS) {
        let block = &a[(row + top) * pairs..];
        let (a_row, a_pair) = if by_row { (pairs, 1) } else { (1, ROWS.min(rows - row - top)) };
        tiles(
            ROWS.min(c.rows - top),
            c.cols,
            S::TILE,
            #[inline(always)]
            |i, mr, j, width| {
                let nv = width.div_ceil(LANES);
                // SAFETY: rows `i..i + mr` of the block were packed, and so were whole panels for columns `column + j..`; rows `top + i..` and
                // columns `j..j + width` of `c` lie inside it.
                unsafe {
                    let t = PairTile {
                        pairs,
                        a: block.as_ptr().add(i * a_row),
                        a_row,
                        a_pair,
                        b: b.as_ptr().add((column + j) / PANEL * PANEL * pairs + j % PANEL),
                        b_pair: PANEL,
                        c: c.as_mut_ptr().add((top + i) * c.row_stride + j),
                        c_row: c.row_stride,
                        last: width - (nv - 1) * LANES,
                        accumulate,
                    };
                    tile(s, mr, nv, t);
                }
            },
        );
    }
}
