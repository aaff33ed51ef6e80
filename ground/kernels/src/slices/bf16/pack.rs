//! Rounds matrices to bf16, in the order in which the innermost loop reads them.

use crate::simd::{LANES, Pairs, pair};
use crate::slices::matrix::Matrix;

/// Writes `a: [m, k]` as rows of `k / 2` pairs (rounded up) if its rows are contiguous, else as
/// `k / 2` columns of `m` pairs. Returns how far the next row and the next pair are.
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
    let (vectors, rest) = row.as_chunks::<LANES>();
    let (twos, one) = vectors.as_chunks::<2>();
    let (outs, out) = out.split_at_mut(twos.len() * LANES);
    for ([low, high], out) in twos.iter().zip(outs.chunks_exact_mut(LANES)) {
        // SAFETY: `out` has 16 elements.
        unsafe { s.store_pairs(out.as_mut_ptr(), s.round_run(s.chunk(low), s.chunk(high))) };
    }
    let pairs = match one {
        [low] => s.round_run(s.chunk(low), s.tail(rest)),
        _ if rest.is_empty() => return,
        _ => s.round_run(s.tail(rest), s.splat(0.0)),
    };
    let mut words = [0; LANES];
    // SAFETY: as above.
    unsafe { s.store_pairs(words.as_mut_ptr(), pairs) };
    out.iter_mut().zip(words).for_each(|(out, word)| *out = word);
}

/// Writes `b: [k, n]` as `k / 2` runs (rounded up) of `width` pairs, with zeros from the `n`th to a
/// whole vector.
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

/// Column by column a pair of two rows; `odd` is as long, or no row. After the last column come
/// zeros, up to a whole vector.
#[inline(always)]
pub(crate) fn pack_two<S: Pairs>(s: S, even: &[f32], odd: &[f32], out: &mut [u32]) {
    let ((whole, rest), (odds, odd)) = (even.as_chunks::<LANES>(), odd.as_chunks::<LANES>());
    let (outs, tail) = out.split_at_mut(whole.len() * LANES);
    for (i, (even, out)) in whole.iter().zip(outs.chunks_exact_mut(LANES)).enumerate() {
        let odd = match odds.get(i) {
            Some(odd) => s.chunk(odd),
            None => s.splat(0.0),
        };
        // SAFETY: `out` has 16 elements.
        unsafe { s.store_pairs(out.as_mut_ptr(), s.round(s.chunk(even), odd)) };
    }
    if rest.is_empty() {
        return;
    }
    let last = s.round(s.tail(rest), s.tail(odd));
    match tail.first_chunk_mut::<LANES>() {
        // SAFETY: there are 16 elements.
        Some(tail) => unsafe { s.store_pairs(tail.as_mut_ptr(), last) },
        None => {
            let mut words = [0; LANES];
            // SAFETY: as above.
            unsafe { s.store_pairs(words.as_mut_ptr(), last) };
            tail.copy_from_slice(&words[..tail.len()]);
        }
    }
}

/// In blocks of 16 columns: each is rounded where it lies, 16 pairs at a time, and then transposed.
#[inline(always)]
fn pack_transposed<S: Pairs>(s: S, b: Matrix, width: usize, panel: &mut [u32]) {
    let pairs = b.rows.div_ceil(2);
    for j in (0..b.cols).step_by(LANES) {
        let wide = LANES.min(b.cols - j);
        for p in (0..pairs).step_by(LANES) {
            let deep = LANES.min(pairs - p);
            let mut block = [[0u32; LANES]; LANES];
            for (c, run) in block.iter_mut().enumerate().take(wide) {
                if b.row_stride == 1 {
                    pack_run(s, b.t().run(j + c, 2 * p, (b.rows - 2 * p).min(2 * LANES)), &mut run[..deep]);
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
