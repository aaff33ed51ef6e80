//! Types with blocks of 32: a scale, in some a minimum, and the numbers' low four bits two to a
//! byte, those of the first half of the block in the low nibbles.

use super::{NON_LINEAR, half_at};

/// The low nibbles, then the high ones.
fn nibbles(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().map(|byte| byte & 15).chain(bytes.iter().map(|byte| byte >> 4))
}

/// The nibbles with a fifth bit each, bit `n` of a word for the number `n`.
fn five_bits<'a>(high: &[u8], low: &'a [u8]) -> impl Iterator<Item = u8> + 'a {
    let high = u32::from_le_bytes([high[0], high[1], high[2], high[3]]);
    nibbles(low).enumerate().map(move |(n, nibble)| nibble | ((high >> n) as u8 & 1) << 4)
}

/// `d, i8 × 32`
pub(super) fn q8_0(block: &[u8], out: &mut Vec<f32>) {
    let d = half_at(block, 0);
    out.extend(block[2..34].iter().map(|&q| f32::from(q as i8) * d));
}

/// `d, nibbles`: the number less 8
pub(super) fn q4_0(block: &[u8], out: &mut Vec<f32>) {
    let d = half_at(block, 0);
    out.extend(nibbles(&block[2..18]).map(|q| (f32::from(q) - 8.0) * d));
}

/// `d, m, nibbles`
pub(super) fn q4_1(block: &[u8], out: &mut Vec<f32>) {
    let (d, m) = (half_at(block, 0), half_at(block, 2));
    out.extend(nibbles(&block[4..20]).map(|q| f32::from(q) * d + m));
}

/// `d, fifth bits, nibbles`: the number less 16
pub(super) fn q5_0(block: &[u8], out: &mut Vec<f32>) {
    let d = half_at(block, 0);
    out.extend(five_bits(&block[2..6], &block[6..22]).map(|q| (f32::from(q) - 16.0) * d));
}

/// `d, m, fifth bits, nibbles`
pub(super) fn q5_1(block: &[u8], out: &mut Vec<f32>) {
    let (d, m) = (half_at(block, 0), half_at(block, 2));
    out.extend(five_bits(&block[4..8], &block[8..24]).map(|q| f32::from(q) * d + m));
}

/// `d, nibbles` that are places in a table
pub(super) fn iq4_nl(block: &[u8], out: &mut Vec<f32>) {
    let d = half_at(block, 0);
    out.extend(nibbles(&block[2..18]).map(|q| d * NON_LINEAR[usize::from(q)]));
}
