//! One vector of 16 `f32` lanes, on whatever the processor has.
//!
//! Every kernel is written once, over [`Simd`]; the same 16 lanes are one AVX-512 register, two
//! AVX2 registers, or an array that the compiler vectorises (NEON). Each operation is exactly
//! rounded on all of them, so **every instruction path gives the same bits**, and a run does not
//! depend on the machine that it ran on.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod pairs;
mod path;
mod portable;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
#[cfg(target_arch = "x86_64")]
pub(crate) use pairs::Avx512Bf16;
pub(crate) use pairs::{Pairs, pair, vectorised_pairs};
pub use path::{Path, force_path, path};
pub(crate) use portable::Portable;

/// Lanes of one logical vector.
pub(crate) const LANES: usize = 16;

/// Operations on 16 lanes. A value of an implementing type is the proof that the processor has the
/// instructions.
pub(crate) trait Simd: Copy {
    /// 16 lanes of `f32`.
    type V: Copy;
    /// Rows and vectors of the matrix product's tile that fill the register file.
    const TILE: (usize, usize);

    /// # Safety
    /// `p..p + 16` is readable.
    unsafe fn load(self, p: *const f32) -> Self::V;
    /// The first `n <= 16` lanes from memory, zeros after them.
    /// # Safety
    /// `p..p + n` is readable.
    unsafe fn load_first(self, p: *const f32, n: usize) -> Self::V;
    /// # Safety
    /// `p..p + 16` is writable.
    unsafe fn store(self, p: *mut f32, v: Self::V);
    /// # Safety
    /// `p..p + n` is writable, `n <= 16`.
    unsafe fn store_first(self, p: *mut f32, v: Self::V, n: usize);

    fn splat(self, x: f32) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    fn sqrt(self, a: Self::V) -> Self::V;
    /// `a * b + c`, rounded once.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `if a > b { a } else { b }`.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// `if a < b { a } else { b }`.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// `if x < limit { 0 } else { v }`, per lane.
    fn zero_below(self, v: Self::V, x: Self::V, limit: f32) -> Self::V;
    /// Adds `n` to the exponent of `v`, where `n` is the integer in the low mantissa bits of
    /// `biased`.
    fn scale_by_low_bits(self, v: Self::V, biased: Self::V) -> Self::V;

    /// The lanes as an array, for the short tails of reductions.
    #[inline(always)]
    fn lanes(self, v: Self::V) -> [f32; LANES] {
        let mut out = [0.0; LANES];
        // SAFETY: `out` has 16 elements.
        unsafe { self.store(out.as_mut_ptr(), v) };
        out
    }

    /// Sum of the lanes as a tree: lane `i` with `i + 8`, then `+ 4`, `+ 2`, `+ 1`.
    #[inline(always)]
    fn sum(self, v: Self::V) -> f32 {
        tree(self.lanes(v), |a, b| a + b)
    }

    /// Greatest lane.
    #[inline(always)]
    fn greatest(self, v: Self::V) -> f32 {
        tree(self.lanes(v), |a, b| if a > b { a } else { b })
    }

    /// A vector from a chunk of a slice.
    #[inline(always)]
    fn chunk(self, chunk: &[f32; LANES]) -> Self::V {
        // SAFETY: the reference covers 16 readable elements.
        unsafe { self.load(chunk.as_ptr()) }
    }

    /// Writes a vector over a chunk of a slice.
    #[inline(always)]
    fn put_chunk(self, v: Self::V, chunk: &mut [f32; LANES]) {
        // SAFETY: the reference covers 16 writable elements.
        unsafe { self.store(chunk.as_mut_ptr(), v) }
    }

    /// The slice's elements (at most 16), zeros after them.
    #[inline(always)]
    fn tail(self, tail: &[f32]) -> Self::V {
        // SAFETY: `min` keeps the read inside the slice.
        unsafe { self.load_first(tail.as_ptr(), tail.len().min(LANES)) }
    }

    /// Writes the first lanes over a slice of at most 16 elements.
    #[inline(always)]
    fn put_tail(self, v: Self::V, tail: &mut [f32]) {
        // SAFETY: `min` keeps the write inside the slice.
        unsafe { self.store_first(tail.as_mut_ptr(), v, tail.len().min(LANES)) }
    }
}

#[inline(always)]
fn tree(lanes: [f32; LANES], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut a = lanes;
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            a[i] = join(a[i], a[i + half]);
        }
        half /= 2;
    }
    a[0]
}

/// A closure as it is. Attributes such as `#[inline(always)]` are allowed on an argument but not on
/// a `let`, and a closure that is not inlined would be compiled without the instructions of the
/// function around it. Neither are those of `array::map` and `array::from_fn` for sure: kernels
/// have loops in their place.
#[inline(always)]
pub(crate) fn inlined<F>(f: F) -> F {
    f
}

/// Defines a function that runs `$body::<S>` with the instructions of the current [`Path`].
///
/// The body must be `#[inline(always)]`: it is compiled once per instruction set, inside a function
/// that enables it.
macro_rules! vectorised {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? = $body:ident) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments, reason = "a kernel's operands are what they are")]
        $vis fn $name($($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            #[allow(clippy::too_many_arguments, reason = "as above")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
            fn avx512(s: crate::simd::Avx512, $($arg: $ty),*) $(-> $ret)? { $body(s, $($arg),*) }
            #[cfg(target_arch = "x86_64")]
            #[allow(clippy::too_many_arguments, reason = "as above")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2(s: crate::simd::Avx2, $($arg: $ty),*) $(-> $ret)? { $body(s, $($arg),*) }
            match crate::simd::path() {
                // SAFETY: `path` only names what the processor has.
                #[cfg(target_arch = "x86_64")]
                crate::simd::Path::Avx512 | crate::simd::Path::Avx512Bf16 => unsafe { avx512(crate::simd::Avx512::assume(), $($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                crate::simd::Path::Avx2 => unsafe { avx2(crate::simd::Avx2::assume(), $($arg),*) },
                _ => $body(crate::simd::Portable, $($arg),*),
            }
        }
    };
}
pub(crate) use vectorised;
