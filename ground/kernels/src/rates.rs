//! What this machine's arithmetic can do, measured.

use crate::simd::{Simd, vectorised};
use crate::slices::{Matrix, MatrixMut, gemm};
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

/// The best of a few timings of `work`, in seconds.
fn best_seconds(mut work: impl FnMut()) -> f64 {
    work();
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..5).map(|_| once(&mut work)).fold(f64::INFINITY, f64::min)
}

/// GFLOP/s of nothing but multiply-adds on every thread of rayon's pool: the ceiling of any product. Takes milliseconds.
pub fn peak_gflops() -> f64 {
    let steps = 1 << 18;
    let seconds = best_seconds(|| {
        rayon::broadcast(|_| black_box(chains(steps)));
    });
    (2 * 16 * CHAINS * steps * rayon::current_num_threads()) as f64 / seconds / 1e9
}

/// GFLOP/s of `[m, k] · [k, n]` on all threads.
pub fn gemm_gflops(m: usize, n: usize, k: usize) -> f64 {
    let (a, b) = (vec![0.5; m * k], vec![0.25; k * n]);
    let mut c = vec![0.0; m * n];
    let repeats = (1_usize << 27).div_ceil(m * n * k);
    let seconds = best_seconds(|| {
        for _ in 0..repeats {
            gemm(Matrix::new(&a, m, k), Matrix::new(&b, k, n), MatrixMut::new(&mut c, m, n), false);
        }
    });
    2.0 * (m * n * k * repeats) as f64 / seconds / 1e9
}

/// GFLOP/s of a product of the size that training small models spends its time in. Takes milliseconds.
pub fn measured_gflops() -> f64 {
    gemm_gflops(2048, 384, 128)
}
