//! 16 pairs of bf16 numbers, and the product that sums both halves of each pair into 16 lanes of
//! `f32`.
//!
//! A number is rounded to bf16 to the nearest, ties to even; what bf16 has no normal number for
//! becomes 0 of its sign. The product is the processor's `VDPBF16PS`: the odd half's multiply-add
//! first, then the even half's, each rounded once, and results that are no normal number become 0.
//! The other instruction paths compute exactly that (a test compares them), so **bf16 gives the
//! same bits on every path** too.

use super::{LANES, Portable, Simd};

/// Numbers below this are not normal.
const LEAST: f32 = f32::MIN_POSITIVE;

/// Operations on 16 pairs. As for [`Simd`], a value of an implementing type is the proof of its
/// instructions.
pub(crate) trait Pairs: Simd {
    /// 16 pairs of bf16, the even half in the low bits.
    type P: Copy;

    /// # Safety
    /// `p..p + 16` is readable.
    unsafe fn load_pairs(self, p: *const u32) -> Self::P;
    /// # Safety
    /// `p..p + 16` is writable.
    unsafe fn store_pairs(self, p: *mut u32, pairs: Self::P);
    /// One pair, 16 times.
    fn splat_pair(self, pair: u32) -> Self::P;
    /// Rounds two vectors to bf16: lane by lane one pair.
    fn round(self, even: Self::V, odd: Self::V) -> Self::P;
    /// Rounds 32 consecutive numbers, in two vectors, to bf16: neighbours are a pair.
    #[inline(always)]
    fn round_run(self, low: Self::V, high: Self::V) -> Self::P {
        let (run, mut even, mut odd) = ([self.lanes(low), self.lanes(high)], [0.0; LANES], [0.0; LANES]);
        for (i, two) in run.as_flattened().chunks_exact(2).enumerate() {
            (even[i], odd[i]) = (two[0], two[1]);
        }
        self.round(self.chunk(&even), self.chunk(&odd))
    }
    /// `c + a.odd * b.odd`, then `+ a.even * b.even`.
    fn dot(self, a: Self::P, b: Self::P, c: Self::V) -> Self::V;
    /// Numbers that are not normal become 0 of their sign.
    fn flush(self, v: Self::V) -> Self::V;

    /// 16 pairs from memory.
    #[inline(always)]
    fn pairs(self, words: &[u32; LANES]) -> Self::P {
        // SAFETY: the reference covers 16 readable elements.
        unsafe { self.load_pairs(words.as_ptr()) }
    }
}

/// `x` as bf16: to the nearest, ties to even; numbers that are not normal become 0 of their sign,
/// what is no number stays none.
#[inline(always)]
pub(crate) fn bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    if x.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    if x.abs() < LEAST {
        return (bits >> 16) as u16 & 0x8000;
    }
    (bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// A pair of numbers as bf16.
#[inline(always)]
pub(crate) fn pair(even: f32, odd: f32) -> u32 {
    u32::from(bf16(even)) | (u32::from(bf16(odd)) << 16)
}

/// The halves of a pair as `f32`.
#[inline(always)]
fn halves(pair: u32) -> (f32, f32) {
    (f32::from_bits(pair << 16), f32::from_bits(pair & 0xffff_0000))
}

#[inline(always)]
fn flushed(x: f32) -> f32 {
    if x.abs() < LEAST { 0.0_f32.copysign(x) } else { x }
}

impl Pairs for Portable {
    type P = [u32; LANES];

    #[inline(always)]
    unsafe fn load_pairs(self, p: *const u32) -> Self::P {
        // SAFETY: the caller vouches for 16 elements.
        unsafe { p.cast::<[u32; LANES]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store_pairs(self, p: *mut u32, pairs: Self::P) {
        // SAFETY: the caller vouches for 16 elements.
        unsafe { p.cast::<[u32; LANES]>().write_unaligned(pairs) }
    }
    #[inline(always)]
    fn splat_pair(self, pair: u32) -> Self::P {
        [pair; LANES]
    }
    #[inline(always)]
    fn round(self, even: Self::V, odd: Self::V) -> Self::P {
        std::array::from_fn(|i| pair(even[i], odd[i]))
    }
    #[inline(always)]
    fn dot(self, a: Self::P, b: Self::P, c: Self::V) -> Self::V {
        std::array::from_fn(|i| {
            let ((a0, a1), (b0, b1)) = (halves(a[i]), halves(b[i]));
            flushed(a0.mul_add(b0, flushed(a1.mul_add(b1, c[i]))))
        })
    }
    #[inline(always)]
    fn flush(self, v: Self::V) -> Self::V {
        v.map(flushed)
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::Avx512Bf16;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::avx2::Pair;
    use super::super::{Avx2, Avx512, LANES, Simd};
    use super::{LEAST, Pairs};
    use std::arch::x86_64::*;

    // Every block below: the token proves the instructions; memory is the caller's word, as the traits say.

    impl Pairs for Avx2 {
        type P = [__m256i; 2];

        #[inline(always)]
        unsafe fn load_pairs(self, p: *const u32) -> Self::P {
            // SAFETY: see above.
            unsafe { [_mm256_loadu_si256(p.cast()), _mm256_loadu_si256(p.add(8).cast())] }
        }
        #[inline(always)]
        unsafe fn store_pairs(self, p: *mut u32, pairs: Self::P) {
            // SAFETY: see above.
            unsafe {
                _mm256_storeu_si256(p.cast(), pairs[0]);
                _mm256_storeu_si256(p.add(8).cast(), pairs[1]);
            }
        }
        #[inline(always)]
        fn splat_pair(self, pair: u32) -> Self::P {
            // SAFETY: see above.
            unsafe { [_mm256_set1_epi32(pair as i32); 2] }
        }
        #[inline(always)]
        fn round(self, even: Self::V, odd: Self::V) -> Self::P {
            let (even, odd) = (self.lanes(even), self.lanes(odd));
            let pairs: [u32; LANES] = std::array::from_fn(|i| super::pair(even[i], odd[i]));
            // SAFETY: the array has 16 elements.
            unsafe { self.load_pairs(pairs.as_ptr()) }
        }
        #[inline(always)]
        fn dot(self, a: Self::P, b: Self::P, c: Self::V) -> Self::V {
            // SAFETY: see above.
            unsafe {
                let even = |x: __m256i| _mm256_castsi256_ps(_mm256_slli_epi32::<16>(x));
                let mask = _mm256_set1_epi32(0xffff_0000_u32 as i32);
                let odd = |x: __m256i| _mm256_castsi256_ps(_mm256_and_si256(x, mask));
                let c = self.flush(self.fma(Pair(odd(a[0]), odd(a[1])), Pair(odd(b[0]), odd(b[1])), c));
                self.flush(self.fma(Pair(even(a[0]), even(a[1])), Pair(even(b[0]), even(b[1])), c))
            }
        }
        #[inline(always)]
        fn flush(self, v: Self::V) -> Self::V {
            // SAFETY: see above.
            unsafe {
                let sign = _mm256_set1_ps(-0.0);
                let one = |x: __m256| {
                    let small = _mm256_cmp_ps::<_CMP_LT_OQ>(_mm256_andnot_ps(sign, x), _mm256_set1_ps(LEAST));
                    _mm256_blendv_ps(x, _mm256_and_ps(x, sign), small)
                };
                Pair(one(v.0), one(v.1))
            }
        }
    }

    impl Pairs for Avx512 {
        type P = __m512i;

        #[inline(always)]
        unsafe fn load_pairs(self, p: *const u32) -> __m512i {
            // SAFETY: see above.
            unsafe { _mm512_loadu_si512(p.cast()) }
        }
        #[inline(always)]
        unsafe fn store_pairs(self, p: *mut u32, pairs: __m512i) {
            // SAFETY: see above.
            unsafe { _mm512_storeu_si512(p.cast(), pairs) }
        }
        #[inline(always)]
        fn splat_pair(self, pair: u32) -> __m512i {
            // SAFETY: see above.
            unsafe { _mm512_set1_epi32(pair as i32) }
        }
        #[inline(always)]
        fn round(self, even: __m512, odd: __m512) -> __m512i {
            // SAFETY: see above.
            unsafe {
                let one = |x: __m512| {
                    let bits = _mm512_castps_si512(self.flush(x));
                    let tie = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
                    let up = _mm512_add_epi32(bits, _mm512_add_epi32(tie, _mm512_set1_epi32(0x7fff)));
                    let none = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(x, x);
                    _mm512_mask_or_epi32(up, none, bits, _mm512_set1_epi32(0x0040_0000))
                };
                let (even, odd) = (_mm512_srli_epi32::<16>(one(even)), one(odd));
                _mm512_mask_blend_epi16(0xaaaa_aaaa, even, odd)
            }
        }
        #[inline(always)]
        fn dot(self, a: __m512i, b: __m512i, c: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe {
                let even = |x: __m512i| _mm512_castsi512_ps(_mm512_slli_epi32::<16>(x));
                let mask = _mm512_set1_epi32(0xffff_0000_u32 as i32);
                let odd = |x: __m512i| _mm512_castsi512_ps(_mm512_and_si512(x, mask));
                let c = self.flush(_mm512_fmadd_ps(odd(a), odd(b), c));
                self.flush(_mm512_fmadd_ps(even(a), even(b), c))
            }
        }
        #[inline(always)]
        fn flush(self, v: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe {
                let small = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(_mm512_abs_ps(v), _mm512_set1_ps(LEAST));
                _mm512_mask_and_ps(v, small, v, _mm512_set1_ps(-0.0))
            }
        }
    }

    /// Proof that the processor has AVX-512 F, BW, DQ, VL and BF16.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx512Bf16(Avx512);

    impl Avx512Bf16 {
        /// # Safety
        /// The processor has AVX-512 F, BW, DQ, VL and BF16.
        #[inline(always)]
        pub(crate) unsafe fn assume() -> Self {
            // SAFETY: the caller's word.
            Avx512Bf16(unsafe { Avx512::assume() })
        }

        /// Where the halves of 16 pairs lie in two halves of a vector: 0, 16, 1, 17, …
        #[inline(always)]
        fn interleaved(self) -> __m512i {
            const PLACES: [u16; 2 * LANES] = {
                let mut places = [0; 2 * LANES];
                let mut i = 0;
                while i < 2 * LANES {
                    places[i] = (i / 2 + i % 2 * LANES) as u16;
                    i += 1;
                }
                places
            };
            // SAFETY: see above; the array has 512 bits.
            unsafe { _mm512_loadu_si512(PLACES.as_ptr().cast()) }
        }
    }

    /// Forwards operations on lanes to [`Avx512`].
    macro_rules! as_avx512 {
        ($($(#[$meta:meta])* unsafe fn $unsafe:ident($($p:ident: $pt:ty),*) $(-> $pr:ty)?;)* $(fn $name:ident($($a:ident: $t:ty),*) -> $r:ty;)*) => {
            $(
                #[inline(always)]
                unsafe fn $unsafe(self, $($p: $pt),*) $(-> $pr)? {
                    // SAFETY: the caller's word.
                    unsafe { self.0.$unsafe($($p),*) }
                }
            )*
            $(
                #[inline(always)]
                fn $name(self, $($a: $t),*) -> $r { self.0.$name($($a),*) }
            )*
        };
    }

    impl Simd for Avx512Bf16 {
        type V = __m512;
        const TILE: (usize, usize) = Avx512::TILE;
        as_avx512! {
            unsafe fn load(p: *const f32) -> __m512;
            unsafe fn load_first(p: *const f32, n: usize) -> __m512;
            unsafe fn store(p: *mut f32, v: __m512);
            unsafe fn store_first(p: *mut f32, v: __m512, n: usize);
            fn splat(x: f32) -> __m512;
            fn add(a: __m512, b: __m512) -> __m512;
            fn sub(a: __m512, b: __m512) -> __m512;
            fn mul(a: __m512, b: __m512) -> __m512;
            fn div(a: __m512, b: __m512) -> __m512;
            fn sqrt(a: __m512) -> __m512;
            fn fma(a: __m512, b: __m512, c: __m512) -> __m512;
            fn max(a: __m512, b: __m512) -> __m512;
            fn min(a: __m512, b: __m512) -> __m512;
            fn zero_below(v: __m512, x: __m512, limit: f32) -> __m512;
            fn scale_by_low_bits(v: __m512, biased: __m512) -> __m512;
            fn sum(v: __m512) -> f32;
            fn greatest(v: __m512) -> f32;
        }
    }

    impl Pairs for Avx512Bf16 {
        type P = __m512i;

        #[inline(always)]
        unsafe fn load_pairs(self, p: *const u32) -> __m512i {
            // SAFETY: the caller's word.
            unsafe { self.0.load_pairs(p) }
        }
        #[inline(always)]
        unsafe fn store_pairs(self, p: *mut u32, pairs: __m512i) {
            // SAFETY: the caller's word.
            unsafe { self.0.store_pairs(p, pairs) }
        }
        #[inline(always)]
        fn splat_pair(self, pair: u32) -> __m512i {
            self.0.splat_pair(pair)
        }
        #[inline(always)]
        fn round(self, even: __m512, odd: __m512) -> __m512i {
            // SAFETY: see above; the types of 32 bf16 numbers and of 512 bits have the same layout.
            unsafe {
                let halves = std::mem::transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(odd, even));
                _mm512_permutexvar_epi16(self.interleaved(), halves)
            }
        }
        #[inline(always)]
        fn round_run(self, low: __m512, high: __m512) -> __m512i {
            // SAFETY: see above; the types of 32 bf16 numbers and of 512 bits have the same layout.
            unsafe { std::mem::transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(high, low)) }
        }
        #[inline(always)]
        fn dot(self, a: __m512i, b: __m512i, c: __m512) -> __m512 {
            // SAFETY: see above; the types of 32 bf16 numbers and of 512 bits have the same layout.
            unsafe {
                let [a, b] = [a, b].map(|x| std::mem::transmute::<__m512i, __m512bh>(x));
                _mm512_dpbf16_ps(c, a, b)
            }
        }
        #[inline(always)]
        fn flush(self, v: __m512) -> __m512 {
            self.0.flush(v)
        }
    }
}

/// As [`super::vectorised`], for bodies over [`Pairs`].
macro_rules! vectorised_pairs {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) = $body:ident) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments, reason = "a kernel's operands are what they are")]
        $vis fn $name($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            #[allow(clippy::too_many_arguments, reason = "as above")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")]
            fn avx512_bf16(s: crate::simd::Avx512Bf16, $($arg: $ty),*) { $body(s, $($arg),*) }
            #[cfg(target_arch = "x86_64")]
            #[allow(clippy::too_many_arguments, reason = "as above")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
            fn avx512(s: crate::simd::Avx512, $($arg: $ty),*) { $body(s, $($arg),*) }
            #[cfg(target_arch = "x86_64")]
            #[allow(clippy::too_many_arguments, reason = "as above")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2(s: crate::simd::Avx2, $($arg: $ty),*) { $body(s, $($arg),*) }
            match crate::simd::path() {
                // SAFETY: `path` only names what the processor has.
                #[cfg(target_arch = "x86_64")]
                crate::simd::Path::Avx512Bf16 => unsafe { avx512_bf16(crate::simd::Avx512Bf16::assume(), $($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                crate::simd::Path::Avx512 => unsafe { avx512(crate::simd::Avx512::assume(), $($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                crate::simd::Path::Avx2 => unsafe { avx2(crate::simd::Avx2::assume(), $($arg),*) },
                _ => $body(crate::simd::Portable, $($arg),*),
            }
        }
    };
}
pub(crate) use vectorised_pairs;
