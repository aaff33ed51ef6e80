//! The innermost loop: a few rows by a few vectors of the output, held in registers over all pairs.

use crate::simd::{LANES, Pairs};

/// What a tile reads and writes.
#[derive(Clone, Copy)]
pub(crate) struct PairTile {
    /// Pairs of `k`.
    pub(crate) pairs: usize,
    pub(crate) a: *const u32,
    pub(crate) a_row: usize,
    pub(crate) a_pair: usize,
    /// Whole vectors of pairs, zeros where there is no column.
    pub(crate) b: *const u32,
    /// From one pair of `k` to the next in `b`.
    pub(crate) b_pair: usize,
    pub(crate) c: *mut f32,
    pub(crate) c_row: usize,
    /// Elements of the last vector that exist.
    pub(crate) last: usize,
    /// Add to `c` (true) or overwrite it.
    pub(crate) accumulate: bool,
}

/// # Safety
/// For all `r < MR`, `p < pairs`: `a[r * a_row + p * a_pair]` is readable; `b[p * b_pair ..]` holds
/// `NV` vectors; `c[r * c_row ..]` is writable for `NV` vectors with `last` elements in the last.
#[inline(always)]
unsafe fn run<S: Pairs, const MR: usize, const NV: usize>(s: S, t: PairTile) {
    // SAFETY: the caller's word covers every address formed here.
    unsafe {
        let mut acc = [[s.splat(0.0); NV]; MR];
        if t.accumulate {
            for (r, row) in acc.iter_mut().enumerate() {
                for (v, x) in row.iter_mut().enumerate() {
                    let p = t.c.add(r * t.c_row + v * LANES);
                    *x = s.flush(if v + 1 == NV { s.load_first(p, t.last) } else { s.load(p) });
                }
            }
        }
        let (mut a, mut b) = (t.a, t.b);
        for _ in 0..t.pairs {
            let bv: [S::P; NV] = std::array::from_fn(|v| s.load_pairs(b.add(v * LANES)));
            for (r, row) in acc.iter_mut().enumerate() {
                let av = s.splat_pair(*a.add(r * t.a_row));
                for (x, y) in row.iter_mut().zip(bv) {
                    *x = s.dot(av, y, *x);
                }
            }
            a = a.wrapping_add(t.a_pair);
            b = b.wrapping_add(t.b_pair);
        }
        for (r, row) in acc.iter().enumerate() {
            for (v, x) in row.iter().enumerate() {
                let p = t.c.add(r * t.c_row + v * LANES);
                if v + 1 == NV { s.store_first(p, *x, t.last) } else { s.store(p, *x) }
            }
        }
    }
}

/// [`run`] for `mr` rows and `nv` vectors.
/// # Safety
/// As for [`run`]; `1 <= mr <= 8`, `1 <= nv <= 3`.
#[inline(always)]
pub(crate) unsafe fn tile<S: Pairs>(s: S, mr: usize, nv: usize, t: PairTile) {
    macro_rules! rows {
        ($($mr:literal),*) => {
            // SAFETY: the caller's word.
            unsafe { match (mr, nv) {
                $(($mr, 1) => run::<S, $mr, 1>(s, t), ($mr, 2) => run::<S, $mr, 2>(s, t), ($mr, 3) => run::<S, $mr, 3>(s, t),)*
                _ => unreachable!("a tile of {mr} by {nv}"),
            } }
        };
    }
    rows!(8, 1, 2, 3, 4, 5, 6, 7)
}
