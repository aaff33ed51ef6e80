//! Which instructions to use, decided once, at run time.

use std::sync::atomic::{AtomicU8, Ordering};

/// An instruction path of the kernels, best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Path {
    /// Plain Rust; the compiler vectorises it for the build's target (NEON on Arm).
    Portable = 1,
    /// AVX2 and FMA.
    Avx2 = 2,
    /// AVX-512 F, BW, DQ and VL.
    Avx512 = 3,
    /// The same with BF16, for products of bf16 numbers; everything else as [`Path::Avx512`].
    Avx512Bf16 = 4,
}

impl Path {
    /// The paths that this processor can run, best last.
    pub fn available() -> Vec<Path> {
        [Path::Portable, Path::Avx2, Path::Avx512, Path::Avx512Bf16].into_iter().filter(|p| p.is_available()).collect()
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        let avx2 = || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        match self {
            Path::Portable => true,
            Path::Avx2 => avx2(),
            Path::Avx512 => {
                avx2()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            Path::Avx512Bf16 => Path::Avx512.is_available() && is_x86_feature_detected!("avx512bf16"),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        self == Path::Portable
    }
}

/// 0: not decided yet.
static CURRENT: AtomicU8 = AtomicU8::new(0);

/// The path in use: the best available, unless [`force_path`] chose another.
#[inline]
pub fn path() -> Path {
    match CURRENT.load(Ordering::Relaxed) {
        1 => Path::Portable,
        2 => Path::Avx2,
        3 => Path::Avx512,
        4 => Path::Avx512Bf16,
        _ => force_path(None),
    }
}

/// Uses `wanted` from now on in the whole process, if the processor has it; `None`: the best.
/// Returns the path now in use.
///
/// For tests and measurements: results do not depend on it.
pub fn force_path(wanted: Option<Path>) -> Path {
    let chosen = wanted.filter(|p| p.is_available()).or_else(|| Path::available().pop()).unwrap_or(Path::Portable);
    CURRENT.store(chosen as u8, Ordering::Relaxed);
    chosen
}
