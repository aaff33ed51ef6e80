//! The matrix product `c (+)= a · b`.
//!
//! Goto and van de Geijn 2008 ("Anatomy of high-performance matrix multiplication"): panels of `b`
//! are packed so that the innermost loop reads them in order. Few rows (a decoding step) read `b`
//! where it lies. Work is split over tiles of the output and never over `k`, so neither threads,
//! nor packing, nor the number of rows changes a bit of any element.

use super::matrix::{Matrix, MatrixMut};
use super::pack::{pack_panel, panel_columns};
use super::scratch::with_scratch;
use super::threads::threads;
use super::tile::{self, Tile};
use crate::simd::{LANES, Simd, vectorised};

/// Depth of a packed block: 48 columns of it fill about the first-level cache.
const DEPTH: usize = 256;
/// With at most this many rows, packing costs more than it saves.
const FEW_ROWS: usize = 16;
/// As above, where `b` is small enough to stay in the first-level cache as it is.
const FEW_ROWS_OF_LITTLE: usize = 64;
/// Elements that fill two thirds of a first-level cache.
const LITTLE: usize = 8192;
/// Multiply-adds that are worth a second thread.
const WORTH_A_THREAD: usize = 1 << 19;

/// `c = a · b`, or `c += a · b` when `accumulate`; `a: [m, k]`, `b: [k, n]`, `c: [m, n]`, any
/// strides. Uses rayon's threads when the work is worth it.
///
/// Each element is `fma(a[i, k-1], b[k-1, j], ... fma(a[i, 0], b[0, j], start))`, always in that
/// order.
///
/// # Panics
/// If the shapes do not fit.
pub fn gemm(a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) {
    match worth_threads(a.rows * a.cols * b.cols) {
        None => gemm_serial(a, b, c, accumulate),
        Some(piece) => split(a, b, c, piece, accumulate),
    }
}

/// Multiply-adds of a piece that a thread takes at a time; `None` when one thread does it all.
pub(crate) fn worth_threads(work: usize) -> Option<usize> {
    let threads = threads();
    // About four pieces per thread even out threads that start late.
    (threads > 1 && work >= 2 * WORTH_A_THREAD).then(|| (work / (4 * threads)).max(WORTH_A_THREAD))
}

/// Cuts the output into pieces of about equal multiply-adds, each computed by whichever thread is
/// free.
fn split(a: Matrix, b: Matrix, c: MatrixMut, piece: usize, accumulate: bool) {
    let (m, n) = (c.rows, c.cols);
    if m * n * a.cols <= piece || (m <= 64 && n <= 96) {
        return gemm_serial(a, b, c, accumulate);
    }
    if m >= 2 * n || n <= 96 {
        let at = (m / 2).next_multiple_of(8);
        let (top, bottom) = c.split_rows(at);
        rayon::join(
            || split(a.row_range(0, at), b, top, piece, accumulate),
            || split(a.row_range(at, m - at), b, bottom, piece, accumulate),
        );
    } else {
        let at = (n / 2).next_multiple_of(3 * LANES);
        let (left, right) = c.split_cols(at);
        rayon::join(
            || split(a, b.col_range(0, at), left, piece, accumulate),
            || split(a, b.col_range(at, n - at), right, piece, accumulate),
        );
    }
}

vectorised! {
    /// [`gemm`] on the calling thread.
    pub fn gemm_serial(a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) = serial
}

#[inline(always)]
fn serial<S: Simd>(s: S, a: Matrix, b: Matrix, mut c: MatrixMut, accumulate: bool) {
    if !is_work(a, b, &mut c, accumulate) {
        return;
    }
    if b.col_stride == 1 && c.rows <= if a.cols * c.cols <= LITTLE { FEW_ROWS_OF_LITTLE } else { FEW_ROWS } {
        in_place(s, a, b, &mut c, accumulate);
    } else {
        blocked(s, a, b, &mut c, accumulate);
    }
}

/// Whether there is anything to multiply: with no `k` the product is zero at once.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn is_work(a: Matrix, b: Matrix, c: &mut MatrixMut, accumulate: bool) -> bool {
    assert!(
        a.rows == c.rows && b.cols == c.cols && a.cols == b.rows,
        "[{}, {}] · [{}, {}] into [{}, {}]",
        a.rows,
        a.cols,
        b.rows,
        b.cols,
        c.rows,
        c.cols
    );
    if a.cols == 0 && c.cols > 0 && !accumulate {
        c.clear();
    }
    c.rows > 0 && c.cols > 0 && a.cols > 0
}

/// Reads `b` where it lies.
#[inline(always)]
fn in_place<S: Simd>(s: S, a: Matrix, b: Matrix, c: &mut MatrixMut, accumulate: bool) {
    let mut i = 0;
    while i < c.rows {
        let mr = (c.rows - i).min(S::TILE.0);
        let mut j = 0;
        while j < c.cols {
            let left = c.cols - j;
            let nv = tile::widest::<S>(mr, left.div_ceil(LANES));
            let width = left.min(nv * LANES);
            // SAFETY: rows `i..i + mr`, columns `j..j + width` and all of `k` lie inside the three views.
            unsafe {
                let t = Tile {
                    k: a.cols,
                    a: a.as_ptr().add(i * a.row_stride),
                    a_row: a.row_stride,
                    a_k: a.col_stride,
                    b: b.as_ptr().add(j),
                    b_k: b.row_stride,
                    c: c.as_mut_ptr().add(i * c.row_stride + j),
                    c_row: c.row_stride,
                    last: width - (nv - 1) * LANES,
                    accumulate,
                };
                tile::unpadded(s, mr, nv, t);
            }
            j += width;
        }
        i += mr;
    }
}

/// Packs `b` panel by panel, in ascending `k`.
#[inline(always)]
fn blocked<S: Simd>(s: S, a: Matrix, b: Matrix, c: &mut MatrixMut, accumulate: bool) {
    let depth = a.cols.div_ceil(a.cols.div_ceil(DEPTH));
    with_scratch(
        depth * panel_columns::<S>(),
        #[inline(always)]
        |packed| {
            for k in (0..a.cols).step_by(depth) {
                let deep = depth.min(a.cols - k);
                block(s, a.col_range(k, deep), b.row_range(k, deep), c.reborrow(), accumulate || k > 0, packed);
            }
        },
    );
}

/// One block of `k`: every panel of columns, and for each every tile of rows.
#[inline(always)]
fn block<S: Simd>(s: S, a: Matrix, b: Matrix, mut c: MatrixMut, accumulate: bool, packed: &mut [f32]) {
    for j in (0..c.cols).step_by(panel_columns::<S>()) {
        let width = panel_columns::<S>().min(c.cols - j);
        let nv = width.div_ceil(LANES);
        let panel = &mut packed[..a.cols * nv * LANES];
        pack_panel(b.col_range(j, width), nv * LANES, panel);
        for i in (0..c.rows).step_by(S::TILE.0) {
            let mr = S::TILE.0.min(c.rows - i);
            // SAFETY: rows `i..i + mr`, columns `j..j + width` lie inside `a` and `c`; the panel holds `nv` full vectors
            // for each of the `a.cols` steps.
            unsafe {
                let t = Tile {
                    k: a.cols,
                    a: a.as_ptr().add(i * a.row_stride),
                    a_row: a.row_stride,
                    a_k: a.col_stride,
                    b: panel.as_ptr(),
                    b_k: nv * LANES,
                    c: c.as_mut_ptr().add(i * c.row_stride + j),
                    c_row: c.row_stride,
                    last: width - (nv - 1) * LANES,
                    accumulate,
                };
                tile::padded(s, mr, nv, t);
            }
        }
    }
}
