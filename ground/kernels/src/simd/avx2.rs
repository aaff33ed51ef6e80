//! 16 lanes as two AVX2 registers.

use super::{LANES, Simd};
use std::arch::x86_64::*;

/// Proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// # Safety
    /// The processor has AVX2 and FMA.
    #[inline(always)]
    pub(crate) unsafe fn assume() -> Self {
        Avx2(())
    }
}

/// Lanes 0 to 7 and 8 to 15.
#[derive(Clone, Copy)]
pub(crate) struct Pair(pub(super) __m256, pub(super) __m256);

#[inline(always)]
fn map2(a: Pair, b: Pair, f: impl Fn(__m256, __m256) -> __m256) -> Pair {
    Pair(f(a.0, b.0), f(a.1, b.1))
}

// Every block below: the token proves the instructions; memory is the caller's word, as the trait says.
impl Simd for Avx2 {
    type V = Pair;
    const TILE: (usize, usize) = (6, 1);

    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> Pair {
        // SAFETY: see above.
        unsafe { Pair(_mm256_loadu_ps(p), _mm256_loadu_ps(p.add(8))) }
    }
    #[inline(always)]
    unsafe fn load_first(self, p: *const f32, n: usize) -> Pair {
        if n >= LANES {
            // SAFETY: see above.
            return unsafe { self.load(p) };
        }
        let mut lanes = [0.0; LANES];
        // SAFETY: `n < 16` elements are readable by the caller's word, and `lanes` has 16.
        unsafe {
            std::ptr::copy_nonoverlapping(p, lanes.as_mut_ptr(), n);
            self.load(lanes.as_ptr())
        }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: Pair) {
        // SAFETY: see above.
        unsafe {
            _mm256_storeu_ps(p, v.0);
            _mm256_storeu_ps(p.add(8), v.1);
        }
    }
    #[inline(always)]
    unsafe fn store_first(self, p: *mut f32, v: Pair, n: usize) {
        if n >= LANES {
            // SAFETY: see above.
            return unsafe { self.store(p, v) };
        }
        let lanes = self.lanes(v);
        // SAFETY: `n < 16` elements are writable by the caller's word, and `lanes` has 16.
        unsafe { std::ptr::copy_nonoverlapping(lanes.as_ptr(), p, n) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Pair {
        // SAFETY: see above.
        let v = unsafe { _mm256_set1_ps(x) };
        Pair(v, v)
    }
    #[inline(always)]
    fn add(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see above.
        map2(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm256_add_ps(a, b) },
        )
    }
    #[inline(always)]
    fn sub(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see above.
        map2(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm256_sub_ps(a, b) },
        )
    }
    #[inline(always)]
    fn mul(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see above.
        map2(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm256_mul_ps(a, b) },
        )
    }
    #[inline(always)]
    fn div(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see above.
        map2(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm256_div_ps(a, b) },
        )
    }
    #[inline(always)]
    fn sqrt(self, a: Pair) -> Pair {
        // SAFETY: see above.
        unsafe { Pair(_mm256_sqrt_ps(a.0), _mm256_sqrt_ps(a.1)) }
    }
    #[inline(always)]
    fn fma(self, a: Pair, b: Pair, c: Pair) -> Pair {
        // SAFETY: see above.
        unsafe { Pair(_mm256_fmadd_ps(a.0, b.0, c.0), _mm256_fmadd_ps(a.1, b.1, c.1)) }
    }
    #[inline(always)]
    fn max(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see above.
        map2(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm256_max_ps(a, b) },
        )
    }
    #[inline(always)]
    fn min(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see above.
        map2(
            a,
            b,
            #[inline(always)]
            |a, b| unsafe { _mm256_min_ps(a, b) },
        )
    }
    #[inline(always)]
    fn zero_below(self, v: Pair, x: Pair, limit: f32) -> Pair {
        // SAFETY: see above.
        map2(
            v,
            x,
            #[inline(always)]
            |v, x| unsafe { _mm256_and_ps(v, _mm256_cmp_ps::<_CMP_NLT_UQ>(x, _mm256_set1_ps(limit))) },
        )
    }
    #[inline(always)]
    fn scale_by_low_bits(self, v: Pair, biased: Pair) -> Pair {
        // SAFETY: see above.
        map2(
            v,
            biased,
            #[inline(always)]
            |v, b| unsafe {
                let n = _mm256_slli_epi32::<23>(_mm256_castps_si256(b));
                _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(v), n))
            },
        )
    }
}
