//! Prints this machine's peaks and the rates of the products that small language models learn by:
//! on the way there, to the inputs' gradients, and to the weights'.
#![allow(clippy::print_stdout, reason = "a measurement to read")]

use kernels::{Precision, Way, peak_gflops, product_gflops};

/// Tokens, inputs, outputs: of the sizes that `bench` measures.
const SHAPES: [(usize, usize, usize); 12] = [
    (4096, 128, 128),
    (4096, 128, 344),
    (4096, 344, 128),
    (4096, 256, 688),
    (2048, 512, 512),
    (2048, 512, 1376),
    (2048, 1376, 512),
    (2048, 512, 8192),
    (1024, 768, 768),
    (1024, 768, 2048),
    (1024, 576, 1536),
    (1024, 576, 192),
];

fn main() {
    for precision in [Precision::F32, Precision::Bf16] {
        let (peak, word) = (peak_gflops(precision), precision.word());
        println!("{:?}, {word}: {peak:.0} GFLOP/s on {} threads", kernels::path(), rayon::current_num_threads());
        for (m, k, n) in SHAPES {
            let rates = Way::ALL.map(|way| product_gflops(precision, way, (m, k, n)));
            let [there, inputs, weights] = rates.map(|rate| format!("{rate:4.0} ({:2.0} %)", 100.0 * rate / peak));
            println!("[{m}, {k}] x [{k}, {n}]: {there}, inputs {inputs}, weights {weights}");
        }
    }
}
