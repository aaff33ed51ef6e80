//! What the machine's arithmetic and memory allow: nothing that multiplies by the weights can be
//! faster.

use kernels::{peak_gflops, read_gigabytes};
use networks::Precision;
use serde::Serialize;

use crate::size::Size;

/// What was measured of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// GFLOP/s of multiply-adds in `f32`, and nothing else.
    pub f32_gflops: f64,
    /// The same of operands that are rounded to bf16.
    pub bf16_gflops: f64,
    /// GB/s that are read from memory.
    pub read_gigabytes: f64,
}

impl Machine {
    /// Takes half a second.
    pub fn measured() -> Machine {
        Machine {
            f32_gflops: peak_gflops(Precision::F32),
            bf16_gflops: peak_gflops(Precision::Bf16),
            read_gigabytes: read_gigabytes(),
        }
    }

    /// Multiply-adds a second, as operations.
    pub fn peak(&self, precision: Precision) -> f64 {
        1e9 * match precision {
            Precision::F32 => self.f32_gflops,
            Precision::Bf16 => self.bf16_gflops,
        }
    }

    /// Tokens a second at which a training step's three products with every weight run at the peak.
    pub(super) fn training(&self, size: &Size, precision: Precision) -> f64 {
        self.peak(precision) / (6.0 * weights(size))
    }

    /// Tokens a second at which a decoding step's products run at the peak, or every weight is read
    /// once from memory, whichever takes longer.
    pub(super) fn decoding(&self, size: &Size, precision: Precision) -> f64 {
        let bytes = if precision == Precision::F32 { 4.0 } else { 2.0 };
        let computed = 2.0 * weights(size) * size.decode as f64 / self.peak(precision);
        let read = weights(size) * bytes / (1e9 * self.read_gigabytes);
        size.decode as f64 / computed.max(read)
    }
}

/// Weights that a token is multiplied by.
fn weights(size: &Size) -> f64 {
    let (width, keys) = (size.width, size.width / size.heads * size.key_value_heads);
    let layer = 2 * width * width + 2 * width * keys + 3 * width * size.feed_forward;
    (size.layers * layer + width * size.vocabulary) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SIZES;

    #[test]
    fn a_floor_is_what_the_products_take() {
        let machine = Machine { f32_gflops: 1.0, bf16_gflops: 2.0, read_gigabytes: 0.001 };
        let size = &SIZES[0];
        let weights = (4 * (4 * 128 * 128 + 3 * 128 * 344) + 128 * 64) as f64;
        assert_eq!(machine.training(size, Precision::Bf16), 2e9 / (6.0 * weights));
        assert_eq!(machine.decoding(size, Precision::F32), 64.0 / (weights * 4.0 / 1e6), "memory is what it waits for");
        let wide = Machine { read_gigabytes: 1e6, ..machine };
        assert_eq!(wide.decoding(size, Precision::F32), 1e9 / (2.0 * weights));
    }
}
