//! Types with blocks of 256, in groups of 16 or 32 that have scales of their own, themselves
//! quantised.

use super::{NON_LINEAR, half_at};

/// `scales 16, two bits 64, d, dmin`
pub(super) fn q2_k(block: &[u8], out: &mut Vec<f32>) {
    let (scales, quants) = (&block[..16], &block[16..80]);
    let (d, dmin) = (half_at(block, 80), half_at(block, 82));
    for (group, scales) in scales.iter().enumerate() {
        let (scale, minimum) = (d * f32::from(scales & 15), dmin * f32::from(scales >> 4));
        let two_bits = sixteen(quants, group).map(|(quant, shift, _)| (quant >> shift) & 3);
        out.extend(two_bits.map(|q| scale * f32::from(q) - minimum));
    }
}

/// `third bits 32, two bits 64, six-bit scales 12, d`: a third bit that is missing takes 4 away
pub(super) fn q3_k(block: &[u8], out: &mut Vec<f32>) {
    let (high, quants, packed, d) = (&block[..32], &block[32..96], &block[96..108], half_at(block, 108));
    for group in 0..16 {
        let low = (packed[group % 8] >> (4 * (group / 8))) & 15;
        let top = (packed[8 + group % 4] >> (2 * (group / 4))) & 3;
        let scale = d * (f32::from(low | top << 4) - 32.0);
        let bit = group / 2; // of the third bits, one for each run of 32
        let numbers = sixteen(quants, group).map(|(quant, shift, place)| {
            let third = (high[place] >> bit) & 1;
            f32::from((quant >> shift) & 3) - if third == 1 { 0.0 } else { 4.0 }
        });
        out.extend(numbers.map(|q| scale * q));
    }
}

/// Of the two-bit types, a group's sixteen bytes, where its bits are in them, and each byte's place
/// in its run of 32. Two runs of 32 bytes hold 128 numbers each, by pairs of bits.
fn sixteen(quants: &[u8], group: usize) -> impl Iterator<Item = (u8, usize, usize)> {
    let (half, shift, start) = (group / 8, 2 * (group % 8 / 2), 16 * (group % 2));
    quants[32 * half + start..][..16].iter().enumerate().map(move |(n, quant)| (*quant, shift, start + n))
}

/// `d, dmin, six-bit scales and minima 12, nibbles 128`
pub(super) fn q4_k(block: &[u8], out: &mut Vec<f32>) {
    let (d, dmin, packed, quants) = (half_at(block, 0), half_at(block, 2), &block[4..16], &block[16..144]);
    for group in 0..8 {
        let (scale, minimum) = scale_and_minimum(packed, group);
        let (scale, minimum) = (d * scale, dmin * minimum);
        let nibbles = quants[32 * (group / 2)..][..32].iter().map(|quant| (quant >> (4 * (group % 2))) & 15);
        out.extend(nibbles.map(|q| scale * f32::from(q) - minimum));
    }
}

/// `d, dmin, six-bit scales and minima 12, fifth bits 32, nibbles 128`
pub(super) fn q5_k(block: &[u8], out: &mut Vec<f32>) {
    let (d, dmin, packed) = (half_at(block, 0), half_at(block, 2), &block[4..16]);
    let (high, quants) = (&block[16..48], &block[48..176]);
    for group in 0..8 {
        let (scale, minimum) = scale_and_minimum(packed, group);
        let (scale, minimum) = (d * scale, dmin * minimum);
        let nibbles = quants[32 * (group / 2)..][..32].iter().map(|quant| (quant >> (4 * (group % 2))) & 15);
        let numbers = nibbles.zip(high).map(|(nibble, high)| nibble | ((high >> group) & 1) << 4);
        out.extend(numbers.map(|q| scale * f32::from(q) - minimum));
    }
}

/// Eight scales and eight minima of six bits each in twelve bytes.
fn scale_and_minimum(packed: &[u8], group: usize) -> (f32, f32) {
    let (scale, minimum) = match group {
        0..4 => (packed[group] & 63, packed[group + 4] & 63),
        _ => {
            (packed[group + 4] & 15 | (packed[group - 4] >> 6) << 4, packed[group + 4] >> 4 | (packed[group] >> 6) << 4)
        }
    };
    (f32::from(scale), f32::from(minimum))
}

/// `nibbles 128, two more bits 64, i8 scales 16, d`: the number less 32
pub(super) fn q6_k(block: &[u8], out: &mut Vec<f32>) {
    let (low, high, scales, d) = (&block[..128], &block[128..192], &block[192..208], half_at(block, 208));
    for run in 0..8 {
        // runs of 32 numbers, four to each half of the block
        let (half, quarter) = (run / 4, run % 4);
        let nibbles = low[64 * half + 32 * (quarter % 2)..][..32].iter().map(|byte| (byte >> (4 * (quarter / 2))) & 15);
        let tops = high[32 * half..][..32].iter().map(|byte| (byte >> (2 * quarter)) & 3);
        out.extend(nibbles.zip(tops).enumerate().map(|(n, (nibble, top))| {
            let scale = d * f32::from(scales[2 * run + n / 16] as i8);
            scale * (f32::from(nibble | top << 4) - 32.0)
        }));
    }
}

/// `d, two more bits of scales, nibbles of scales 4, nibbles 128` that are places in a table
pub(super) fn iq4_xs(block: &[u8], out: &mut Vec<f32>) {
    let (d, tops) = (half_at(block, 0), u16::from_le_bytes([block[2], block[3]]));
    for group in 0..8 {
        let low = (block[4 + group / 2] >> (4 * (group % 2))) & 15;
        let top = (tops >> (2 * group)) as u8 & 3;
        let scale = d * (f32::from(low | top << 4) - 32.0);
        let quants = &block[8 + 16 * group..][..16];
        let places = quants.iter().map(|byte| byte & 15).chain(quants.iter().map(|byte| byte >> 4));
        out.extend(places.map(|place| scale * NON_LINEAR[usize::from(place)]));
    }
}
