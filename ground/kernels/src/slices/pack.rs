//! Copies a panel of a matrix into the order in which the innermost loop reads it.

use super::matrix::Matrix;
use crate::simd::{LANES, Simd};

/// Columns of a panel.
#[inline(always)]
pub(crate) fn panel_columns<S: Simd>() -> usize {
    S::TILE.1 * LANES
}

/// Writes `b: [k, n]` as `k` runs of `width` elements, with zeros after the `n`th.
#[inline(always)]
pub(crate) fn pack_panel(b: Matrix, width: usize, panel: &mut [f32]) {
    if b.col_stride == 1 {
        for (k, run) in panel.chunks_exact_mut(width).enumerate() {
            copy_run(b.run(k, 0, b.cols), run);
        }
    } else {
        pack_transposed(b, width, panel);
    }
}

/// Copies `from` and fills the rest of `to` with 0; vector by vector, because a call costs more
/// than so short a copy.
#[inline(always)]
fn copy_run(from: &[f32], to: &mut [f32]) {
    let (whole, tail) = from.as_chunks::<LANES>();
    let (vectors, _) = to.as_chunks_mut::<LANES>();
    for (to, from) in vectors.iter_mut().zip(whole) {
        *to = *from;
    }
    for vector in &mut vectors[whole.len()..] {
        *vector = [0.0; LANES];
        vector[..tail.len()].copy_from_slice(tail);
    }
}

/// In blocks of 16 by 16, so that both sides stay in the first-level cache.
#[inline(always)]
fn pack_transposed(b: Matrix, width: usize, panel: &mut [f32]) {
    for k in (0..b.rows).step_by(LANES) {
        let deep = LANES.min(b.rows - k);
        for j in (0..width).step_by(LANES) {
            let wide = b.cols.saturating_sub(j).min(LANES);
            if deep == LANES && wide == LANES && b.row_stride == 1 {
                transpose_block(b.t(), j, k, &mut panel[k * width + j..], width);
                continue;
            }
            for dk in 0..deep {
                let run = &mut panel[(k + dk) * width + j..][..LANES];
                for (dj, x) in run.iter_mut().enumerate() {
                    *x = if dj < wide { b.at(k + dk, j + dj) } else { 0.0 };
                }
            }
        }
    }
}

/// Writes the 16 by 16 block of row-major `b` at `(row, col)` transposed into `out`, whose rows are
/// `stride` apart.
#[inline(always)]
fn transpose_block(b: Matrix, row: usize, col: usize, out: &mut [f32], stride: usize) {
    let mut block = [[0.0; LANES]; LANES];
    for (r, run) in block.iter_mut().enumerate() {
        run.copy_from_slice(b.run(row + r, col, LANES));
    }
    for c in 0..LANES {
        let run = &mut out[c * stride..][..LANES];
        for r in 0..LANES {
            run[r] = block[r][c];
        }
    }
}
