//! Rounds matrices to bf16, in the order in which the innermost loop reads them.

use crate::simd::{LANES, Pairs, pair};
use crate::slices::matrix::Matrix;

/// Writes `a: [m, k]` as rows of `k / 2` pairs (rounded up) if its rows are contiguous, else as `k / 2` columns of `m` pairs. Returns
/// how far the next row and the next pair are.
#[inline(always)]
pub(crate) fn pack_rows<S: Pairs>(s: S, a: Matrix, out: &mut [u32]) -> (usize, usize) {
    let pairs = a.cols.div_ceil(2);
    if a.col_stride == 1 {
        for i in 0..a.rows {
            pack_run(s, a.run(i, 0, a.cols), &mut out[i * pairs..][..pairs]);
        }
        (pairs, 1)
    } else {
        pack_panel(s, a.t(), a.rows, out);
        (1, a.rows)
    }
}

/// Rounds one row: neighbours are a pair.
#[inline(always)]
pub(crate) fn pack_run<S: Pairs>(s: S, row: &[f32], out: &mut [u32]) {
    let (blocks, rest) = row.as_chunks::<{ 2 * LANES }>();
    for (block, out) in blocks.iter().zip(out.chunks_exact_mut(LANES)) {
        // SAFETY: `out` has 16 elements.
        unsafe { s.store_pairs(out.as_mut_ptr(), s.round_run(block)) };
    }
    let out = &mut out[blocks.len() * LANES..];
    for (two, out) in rest.chunks(2).zip(out) {
        *out = pair(two[0], two.get(1).copied().unwrap_or(0.0));
    }
}

/// Writes `b: [k, n]` as `k / 2` runs (rounded up) of `width` pairs, with zeros after the `n`th.
#[inline(always)]
pub(crate) fn pack_panel<S: Pairs>(s: S, b: Matrix, width: usize, panel: &mut [u32]) {
    if b.col_stride == 1 {
        for (p, run) in panel.chunks_exact_mut(width).take(b.rows.div_ceil(2)).enumerate() {
            let even = b.run(2 * p, 0, b.cols);
            let odd = if 2 * p + 1 < b.rows { b.run(2 * p + 1, 0, b.cols) } else { &[] };
            pack_two(s, even, odd, run);
        }
    } else {
        pack_transposed(s, b, width, panel);
    }
}

/// Column by column a pair of two rows; `odd` is as long, or no row.
#[inline(always)]
fn pack_two<S: Pairs>(s: S, even: &[f32], odd: &[f32], out: &mut [u32]) {
    let ((whole, rest), (odds, odd)) = (even.as_chunks::<LANES>(), odd.as_chunks::<LANES>());
    let (outs, tail) = out.split_at_mut(whole.len() * LANES);
    for (i, (even, out)) in whole.iter().zip(outs.chunks_exact_mut(LANES)).enumerate() {
        let odd = odds.get(i).map_or(s.splat(0.0), |odd| s.chunk(odd));
        // SAFETY: `out` has 16 elements.
        unsafe { s.store_pairs(out.as_mut_ptr(), s.round(s.chunk(even), odd)) };
    }
    for (j, out) in tail.iter_mut().enumerate() {
        *out = pair(rest.get(j).copied().unwrap_or(0.0), odd.get(j).copied().unwrap_or(0.0));
    }
}

/// In blocks of 16 columns: each is rounded where it lies, 16 pairs at a time, and then turned.
#[inline(always)]
fn pack_transposed<S: Pairs>(s: S, b: Matrix, width: usize, panel: &mut [u32]) {
    let pairs = b.rows.div_ceil(2);
    for j in (0..width).step_by(LANES) {
        let wide = b.cols.saturating_sub(j).min(LANES);
        for p in (0..pairs).step_by(LANES) {
            let deep = LANES.min(pairs - p);
            let mut block = [[0u32; LANES]; LANES];
            for (c, run) in block.iter_mut().enumerate().take(wide) {
                if b.row_stride == 1 && 2 * (p + LANES) <= b.rows {
                    pack_run(s, b.t().run(j + c, 2 * p, 2 * LANES), run);
                    continue;
                }
                for (dp, out) in run.iter_mut().enumerate().take(deep) {
                    let k = 2 * (p + dp);
                    let odd = if k + 1 < b.rows { b.at(k + 1, j + c) } else { 0.0 };
                    *out = pair(b.at(k, j + c), odd);
                }
            }
            for dp in 0..deep {
                let out = &mut panel[(p + dp) * width + j..];
                let out = &mut out[..LANES.min(width - j)];
                for (c, x) in out.iter_mut().enumerate() {
                    *x = block[c][dp];
                }
            }
        }
    }
}
