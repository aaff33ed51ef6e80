//! The matrix products that training consists of, each alone.

use kernels::{Way, product_gflops};
use networks::Precision;
use serde::Serialize;

use crate::floor::Machine;
use crate::size::Size;

/// One product of a linear layer, `[tokens, inputs] · [inputs, outputs]` or a gradient of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Product {
    /// Tokens of a step.
    pub tokens: usize,
    /// The layer's inputs.
    pub inputs: usize,
    /// The layer's outputs.
    pub outputs: usize,
    /// `outputs`, or the gradient of `inputs` or of `weights`.
    pub of: &'static str,
    /// What operands are rounded to, the rounding included.
    pub precision: &'static str,
    /// GFLOP/s, the best of twenty timings.
    pub gflops: f64,
    /// The share of the machine's peak.
    pub of_peak: f64,
}

/// Measures the different products of these sizes.
pub fn products(sizes: &[&Size], machine: &Machine) -> Vec<Product> {
    let mut shapes: Vec<[usize; 3]> = sizes.iter().flat_map(|size| shapes(size)).collect();
    shapes.dedup();
    let one = |[tokens, inputs, outputs]: [usize; 3], precision: Precision, (way, of)| {
        let gflops = product_gflops(precision, way, (tokens, inputs, outputs));
        let of_peak = gflops * 1e9 / machine.peak(precision);
        Product { tokens, inputs, outputs, of, precision: precision.word(), gflops, of_peak }
    };
    let ways = [(Way::There, "outputs"), (Way::Inputs, "inputs"), (Way::Weights, "weights")];
    let mut found = Vec::new();
    for shape in shapes {
        for way in ways {
            found.extend([Precision::F32, Precision::Bf16].map(|precision| one(shape, precision, way)));
        }
    }
    found
}

/// Attention's, both of the feed-forward network, and the head's.
fn shapes(size: &Size) -> [[usize; 3]; 4] {
    let (tokens, width, inner) = (size.train.0 * size.train.1, size.width, size.feed_forward);
    [[tokens, width, width], [tokens, width, inner], [tokens, inner, width], [tokens, width, size.vocabulary]]
}
