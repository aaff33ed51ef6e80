//! Blocks of quantised numbers to f32, by the definitions of ggml (`ggml-common.h`,
//! `ggml-quants.c`). Products and sums are rounded to f32 one by one, in ggml's order, so the
//! numbers are those of the reference to the bit.

mod k;
mod plain;
pub(crate) mod quantise;

use half::{bf16, f16};

use crate::Kind;

/// Appends the numbers of whole blocks.
pub(crate) fn dequantise(kind: Kind, bytes: &[u8], out: &mut Vec<f32>) {
    let one = match kind {
        Kind::F32 => {
            return out.extend(bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)));
        }
        Kind::F16 => return out.extend(bytes.as_chunks::<2>().0.iter().map(|two| f16::from_le_bytes(*two).to_f32())),
        Kind::Bf16 => return out.extend(bytes.as_chunks::<2>().0.iter().map(|two| bf16::from_le_bytes(*two).to_f32())),
        Kind::Q8_0 => plain::q8_0,
        Kind::Q4_0 => plain::q4_0,
        Kind::Q4_1 => plain::q4_1,
        Kind::Q5_0 => plain::q5_0,
        Kind::Q5_1 => plain::q5_1,
        Kind::Iq4Nl => plain::iq4_nl,
        Kind::Iq4Xs => k::iq4_xs,
        Kind::Q2K => k::q2_k,
        Kind::Q3K => k::q3_k,
        Kind::Q4K => k::q4_k,
        Kind::Q5K => k::q5_k,
        Kind::Q6K => k::q6_k,
    };
    bytes.chunks_exact(kind.block_bytes()).for_each(|block| one(block, out));
}

/// An f16 at a place of a block.
fn half_at(block: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([block[at], block[at + 1]]).to_f32()
}

/// The sixteen values of the non-linear four-bit types.
const NON_LINEAR: [f32; 16] =
    [-127.0, -104.0, -83.0, -65.0, -49.0, -35.0, -22.0, -10.0, 1.0, 13.0, 25.0, 38.0, 53.0, 69.0, 89.0, 113.0];
