//! What this machine's arithmetic can do, measured.

use crate::simd::{Pairs, Simd, pair, vectorised, vectorised_pairs};
use crate::slices::{Matrix, MatrixMut, Precision};
use std::hint::black_box;
use std::time::Instant;

/// Independent chains of multiply-adds: enough to cover the instruction's latency on both units.
const CHAINS: usize = 12;

vectorised! { fn chains(steps: usize) -> f32 = chains_body }

#[inline(always)]
fn chains_body<S: Simd>(s: S, steps: usize) -> f32 {
    let (a, b) = (s.splat(black_box(0.999)), s.splat(black_box(1e-3)));
    let mut acc = [s.splat(0.5); CHAINS];
    for _ in 0..steps {
        for x in &mut acc {
            *x = s.fma(*x, a, b);
        }
    }
    acc.into_iter().map(|x| s.sum(x)).sum()
}

vectorised_pairs! { fn chains_of_pairs(steps: usize, sum: &mut f32) = chains_of_pairs_body }

#[inline(always)]
fn chains_of_pairs_body<S: Pairs>(s: S, steps: usize, sum: &mut f32) {
    let (a, b) = (s.splat_pair(black_box(pair(0.5, 0.25))), s.splat_pair(black_box(pair(1e-3, 2e-3))));
    let mut acc = [s.splat(0.5); CHAINS];
    for _ in 0..steps {
        for x in &mut acc {
            *x = s.dot(a, b, *x);
        }
    }
    *sum = acc.into_iter().map(|x| s.sum(x)).sum();
}

/// The best of twenty timings of `work`, in seconds.
fn best_seconds(mut work: impl FnMut()) -> f64 {
    work();
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..20).map(|_| once(&mut work)).fold(f64::INFINITY, f64::min)
}

/// GFLOP/s of nothing but multiply-adds of operands so rounded on every thread of rayon's pool: the
/// ceiling of any product. Takes milliseconds.
pub fn peak_gflops(precision: Precision) -> f64 {
    let steps = 1 << 18;
    let seconds = best_seconds(|| {
        rayon::broadcast(|_| match precision {
            Precision::F32 => _ = black_box(chains(steps)),
            Precision::Bf16 => {
                let mut sum = 0.0;
                chains_of_pairs(steps, &mut sum);
                black_box(sum);
            }
        });
    });
    let each = if precision == Precision::F32 { 2 } else { 4 };
    (each * 16 * CHAINS * steps * rayon::current_num_threads()) as f64 / seconds / 1e9
}

/// GB/s that all threads together read from memory. Takes a quarter of a second.
pub fn read_gigabytes() -> f64 {
    let numbers = vec![1.0_f32; 1 << 26];
    let piece = numbers.len().div_ceil(rayon::current_num_threads());
    let seconds = best_seconds(|| {
        rayon::scope(|scope| {
            for part in numbers.chunks(piece) {
                scope.spawn(move |_| _ = black_box(sum(part)));
            }
        });
    });
    size_of_val(&*numbers) as f64 / seconds / 1e9
}

vectorised! { fn sum(numbers: &[f32]) -> f32 = sum_body }

#[inline(always)]
fn sum_body<S: Simd>(s: S, numbers: &[f32]) -> f32 {
    let mut acc = [s.splat(0.0); 4];
    for four in numbers.as_chunks::<16>().0.as_chunks::<4>().0 {
        for (x, chunk) in acc.iter_mut().zip(four) {
            *x = s.add(*x, s.chunk(chunk));
        }
    }
    acc.into_iter().map(|x| s.sum(x)).sum()
}

/// Which of the three products of a linear layer `y = x · w`; `x: [m, k]`, `w: [k, n]`,
/// `y: [m, n]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `x · w`
    There,
    /// `dy · wᵀ`, the gradient of the inputs.
    Inputs,
    /// `xᵀ · dy`, the gradient of the weights.
    Weights,
}

impl Way {
    /// All three.
    pub const ALL: [Way; 3] = [Way::There, Way::Inputs, Way::Weights];
}

/// GFLOP/s of one product of a linear layer of `(m, k, n)`, on all threads.
pub fn product_gflops(precision: Precision, way: Way, (m, k, n): (usize, usize, usize)) -> f64 {
    let (x, w, y) = (vec![0.5; m * k], vec![0.25; k * n], vec![0.125; m * n]);
    let (x, w, y) = (Matrix::new(&x, m, k), Matrix::new(&w, k, n), Matrix::new(&y, m, n));
    let (a, b) = match way {
        Way::There => (x, w),
        Way::Inputs => (y, w.t()),
        Way::Weights => (x.t(), y),
    };
    let (rows, cols) = (a.rows(), b.cols());
    let mut c = vec![0.0; rows * cols];
    let repeats = (1_usize << 28).div_ceil(m * n * k);
    let seconds = best_seconds(|| {
        for _ in 0..repeats {
            precision.gemm(a, b, MatrixMut::new(&mut c, rows, cols), false);
        }
    });
    2.0 * (m * n * k * repeats) as f64 / seconds / 1e9
}

/// GFLOP/s of a product of the size that training small models spends its time in. Takes
/// milliseconds.
pub fn measured_gflops() -> f64 {
    product_gflops(Precision::F32, Way::There, (2048, 128, 384))
}
