//! `c (+)= a · b`, both operands rounded to bf16 on their way into packed blocks.

use super::tile::{PairTile, tile};
use super::{pack_panel, pack_rows};
use crate::simd::{LANES, Pairs, vectorised_pairs};
use crate::slices::gemm::{is_work, shared_out};
use crate::slices::matrix::{Matrix, MatrixMut};
use crate::slices::scratch::with_scratch;

/// Depth of a packed block: panels are read from the second-level cache, and the output is read again for every further block.
const DEPTH: usize = 2048;
/// Rows of `a` that are packed at a time: they stay in the second-level cache beside the panel that they meet.
const ROWS: usize = 64;

/// `c = a · b`, or `c += a · b` when `accumulate`; `a: [m, k]`, `b: [k, n]`, `c: [m, n]`, any strides. Uses rayon's threads
/// when the work is worth it.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn gemm(a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) {
    shared_out(a, b, c, &|a, b, c| gemm_serial(a, b, c, accumulate));
}

vectorised_pairs! {
    /// [`gemm`] on the calling thread.
    pub(crate) fn gemm_serial(a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) = serial
}

#[inline(always)]
fn serial<S: Pairs>(s: S, a: Matrix, b: Matrix, mut c: MatrixMut, accumulate: bool) {
    if !is_work(a, b, &mut c, accumulate) {
        return;
    }
    let depth = a.cols.div_ceil(a.cols.div_ceil(DEPTH)).next_multiple_of(2);
    let (pairs, panel) = (depth / 2, S::TILE.1 * LANES);
    let (rows, width) = (ROWS.min(c.rows), c.cols.next_multiple_of(panel));
    with_scratch(
        pairs * (rows + width),
        #[inline(always)]
        |scratch| {
            let (packed_a, packed_b) = bytemuck::cast_slice_mut(scratch).split_at_mut(pairs * rows);
            for k in (0..a.cols).step_by(depth) {
                let deep = depth.min(a.cols - k);
                let accumulate = accumulate || k > 0;
                block(s, a.col_range(k, deep), b.row_range(k, deep), c.reborrow(), accumulate, packed_a, packed_b);
            }
        },
    );
}

/// One block of `k`: `b` is packed once, `a` a run of rows at a time.
#[inline(always)]
fn block<S: Pairs>(
    s: S,
    a: Matrix,
    b: Matrix,
    mut c: MatrixMut,
    accumulate: bool,
    packed_a: &mut [u32],
    packed_b: &mut [u32],
) {
    let (pairs, panel) = (a.cols.div_ceil(2), S::TILE.1 * LANES);
    for j in (0..c.cols).step_by(panel) {
        let width = panel.min(c.cols - j);
        pack_panel(s, b.col_range(j, width), panel, &mut packed_b[j * pairs..][..panel * pairs]);
    }
    for top in (0..c.rows).step_by(ROWS) {
        let rows = ROWS.min(c.rows - top);
        let (a_row, a_pair) = pack_rows(s, a.row_range(top, rows), packed_a);
        for j in (0..c.cols).step_by(panel) {
            let width = panel.min(c.cols - j);
            let nv = width.div_ceil(LANES);
            for i in (0..rows).step_by(S::TILE.0) {
                let mr = S::TILE.0.min(rows - i);
                // SAFETY: rows `i..i + mr` were packed; the panel holds whole vectors of pairs; rows `top + i..` and columns `j..` of `c`
                // lie inside it.
                unsafe {
                    let t = PairTile {
                        pairs,
                        a: packed_a.as_ptr().add(i * a_row),
                        a_row,
                        a_pair,
                        b: packed_b.as_ptr().add(j * pairs),
                        b_pair: panel,
                        c: c.as_mut_ptr().add((top + i) * c.row_stride + j),
                        c_row: c.row_stride,
                        last: width - (nv - 1) * LANES,
                        accumulate,
                    };
                    tile(s, mr, nv, t);
                }
            }
        }
    }
}
