//! Prints this machine's multiply-add peak and the rate of the products that a small language model is made of.
#![allow(clippy::print_stdout, reason = "a measurement to read")]

use kernels::{gemm_gflops, peak_gflops};

const SHAPES: [(usize, usize); 8] =
    [(128, 128), (384, 128), (688, 128), (128, 344), (344, 128), (512, 512), (1376, 512), (8192, 512)];

fn main() {
    let peak = peak_gflops();
    println!("{:?}: {peak:.0} GFLOP/s of multiply-adds on {} threads", kernels::path(), rayon::current_num_threads());
    for m in [4096, 64, 8, 1] {
        for (n, k) in SHAPES {
            let rate = gemm_gflops(m, n, k);
            println!("[{m:4}, {k:4}] x [{k:4}, {n:4}]: {rate:6.0} GFLOP/s, {:3.0} %", 100.0 * rate / peak);
        }
    }
}
