//! In which numbers products are computed.

use super::bf16;
use super::gemm::{gemm, gemm_serial};
use super::matrix::{Matrix, MatrixMut};

/// What the operands of products are rounded to. Sums are `f32` in any case, and so is everything
/// that is no product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Nothing is rounded.
    #[default]
    F32,
    /// bf16, to the nearest: half the memory traffic, and twice the rate where the processor has
    /// the instructions.
    Bf16,
}

impl Precision {
    /// Its name: `f32` or `bf16`.
    pub fn word(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
        }
    }

    /// `c = a · b`, or `c += a · b` when `accumulate`, on rayon's threads where it is worth it.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn gemm(self, a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) {
        match self {
            Precision::F32 => gemm(a, b, c, accumulate),
            Precision::Bf16 => bf16::gemm(a, b, c, accumulate),
        }
    }

    /// The same on the calling thread.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn gemm_serial(self, a: Matrix, b: Matrix, c: MatrixMut, accumulate: bool) {
        match self {
            Precision::F32 => gemm_serial(a, b, c, accumulate),
            Precision::Bf16 => bf16::gemm_serial(a, b, c, accumulate),
        }
    }
}
