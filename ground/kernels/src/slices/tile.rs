//! The matrix product's innermost loop: a few rows by a few vectors of the output, held in
//! registers over all of `k`.
//!
//! An output element is one chain of fused multiply-adds in ascending `k`, starting from 0 or from
//! what is there. The shape of the tile decides which elements share a loop, never the order within
//! one, so it never changes a bit.

use crate::simd::{LANES, Simd};

/// What a tile reads and writes.
#[derive(Clone, Copy)]
pub(crate) struct Tile {
    pub(crate) k: usize,
    pub(crate) a: *const f32,
    pub(crate) a_row: usize,
    pub(crate) a_k: usize,
    pub(crate) b: *const f32,
    /// From one `k` to the next in `b`; columns are contiguous.
    pub(crate) b_k: usize,
    pub(crate) c: *mut f32,
    pub(crate) c_row: usize,
    /// Elements of the last vector that exist.
    pub(crate) last: usize,
    /// Add to `c` (true) or overwrite it.
    pub(crate) accumulate: bool,
}

/// # Safety
/// For all `r < MR`, `k`: `a[r * a_row + k * a_k]` is readable; `b[k * b_k ..]` holds `NV` vectors,
/// of which the last may have `last` elements unless `PADDED`; `c[r * c_row ..]` is writable for
/// `NV` vectors with `last` elements in the last.
#[inline(always)]
pub(crate) unsafe fn run<S: Simd, const MR: usize, const NV: usize, const PADDED: bool>(s: S, t: Tile) {
    // SAFETY: the caller's word covers every address formed here.
    unsafe {
        let mut acc = [[s.splat(0.0); NV]; MR];
        if t.accumulate {
            for (r, row) in acc.iter_mut().enumerate() {
                for (v, x) in row.iter_mut().enumerate() {
                    let p = t.c.add(r * t.c_row + v * LANES);
                    *x = if v + 1 == NV { s.load_first(p, t.last) } else { s.load(p) };
                }
            }
        }
        let (mut a, mut b) = (t.a, t.b);
        for _ in 0..t.k {
            let mut bv = [s.splat(0.0); NV];
            for (v, x) in bv.iter_mut().enumerate() {
                let p = b.add(v * LANES);
                *x = if v + 1 == NV && !PADDED { s.load_first(p, t.last) } else { s.load(p) };
            }
            for (r, row) in acc.iter_mut().enumerate() {
                let av = s.splat(*a.add(r * t.a_row));
                for (x, y) in row.iter_mut().zip(bv) {
                    *x = s.fma(av, y, *x);
                }
            }
            a = a.wrapping_add(t.a_k);
            b = b.wrapping_add(t.b_k);
        }
        for (r, row) in acc.iter().enumerate() {
            for (v, x) in row.iter().enumerate() {
                let p = t.c.add(r * t.c_row + v * LANES);
                if v + 1 == NV { s.store_first(p, *x, t.last) } else { s.store(p, *x) }
            }
        }
    }
}

/// [`run`] over a padded panel of `nv` vectors for `mr` rows.
/// # Safety
/// As for [`run`]; `1 <= mr <= 8`, `1 <= nv <= 3`.
#[inline(always)]
pub(crate) unsafe fn padded<S: Simd>(s: S, mr: usize, nv: usize, t: Tile) {
    macro_rules! rows {
        ($($mr:literal),*) => {
            // SAFETY: the caller's word.
            unsafe { match (mr, nv) {
                $(($mr, 1) => run::<S, $mr, 1, true>(s, t), ($mr, 2) => run::<S, $mr, 2, true>(s, t), ($mr, 3) => run::<S, $mr, 3, true>(s, t),)*
                _ => unreachable!("a tile of {mr} by {nv}"),
            } }
        };
    }
    rows!(8, 1, 2, 3, 4, 5, 6, 7)
}

/// [`run`] straight over an unpacked matrix, for `mr` rows and `nv` vectors.
/// # Safety
/// As for [`run`]; `(mr, nv)` as [`widest`] allows.
#[inline(always)]
pub(crate) unsafe fn unpadded<S: Simd>(s: S, mr: usize, nv: usize, t: Tile) {
    macro_rules! shapes {
        ($(($mr:literal, $nv:literal)),*) => {
            // SAFETY: the caller's word.
            unsafe { match (mr, nv) {
                $(($mr, $nv) => run::<S, $mr, $nv, false>(s, t),)*
                _ => unreachable!("a tile of {mr} by {nv}"),
            } }
        };
    }
    shapes!(
        (1, 8),
        (1, 4),
        (1, 2),
        (1, 1),
        (2, 8),
        (2, 4),
        (2, 2),
        (2, 1),
        (3, 8),
        (3, 4),
        (3, 2),
        (3, 1),
        (4, 4),
        (4, 2),
        (4, 1),
        (5, 4),
        (5, 2),
        (5, 1),
        (6, 4),
        (6, 2),
        (6, 1),
        (7, 2),
        (7, 1),
        (8, 2),
        (8, 1)
    )
}

/// The widest power of two of vectors that fits the registers beside `mr` rows and is at most
/// `want`.
#[inline(always)]
pub(crate) fn widest<S: Simd>(mr: usize, want: usize) -> usize {
    let room = (S::TILE.0 * S::TILE.1 / mr).clamp(1, 8).min(want);
    1 << room.ilog2()
}
