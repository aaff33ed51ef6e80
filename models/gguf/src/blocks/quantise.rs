//! F32 to the types that are written.

use half::{bf16, f16};

use crate::Kind;

/// The types that are written.
pub(crate) const WRITTEN: [Kind; 4] = [Kind::F32, Kind::F16, Kind::Bf16, Kind::Q8_0];

/// The bytes of whole blocks of a type that is written.
pub(crate) fn quantise(kind: Kind, numbers: &[f32]) -> Vec<u8> {
    match kind {
        Kind::F16 => numbers.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect(),
        Kind::Bf16 => numbers.iter().flat_map(|&x| bf16::from_f32(x).to_le_bytes()).collect(),
        Kind::Q8_0 => numbers.as_chunks::<32>().0.iter().flat_map(q8_0).collect(),
        _ => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

/// As ggml's reference (`quantize_row_q8_0_ref`): the largest becomes 127, and halves are rounded
/// away from 0.
fn q8_0(block: &[f32; 32]) -> [u8; 34] {
    let largest = block.iter().fold(0f32, |most, x| most.max(x.abs()));
    let scale = largest / 127.0;
    let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
    let mut bytes = [0; 34];
    bytes[..2].copy_from_slice(&f16::from_f32(scale).to_le_bytes());
    bytes[2..].iter_mut().zip(block).for_each(|(byte, x)| *byte = (x * inverse).round() as i8 as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
        (0..text.len()).step_by(2).map(byte).collect()
    }

    /// Blocks of the `gguf` package: golden/gguf_blocks.py.
    #[test]
    fn bytes_are_those_of_the_reference() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/blocks.json")).expect("a committed file");
        for kind in [Kind::Q8_0, Kind::Bf16] {
            let one = &golden["written"][kind.word()];
            let bits = hex(one["bits"].as_str().expect("bits"));
            let numbers: Vec<f32> = bits.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
            assert_eq!(quantise(kind, &numbers), hex(one["bytes"].as_str().expect("bytes")), "{}", kind.word());
        }
    }
}
