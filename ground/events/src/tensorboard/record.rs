//! The bytes of an event file: protocol buffers (`Event`, `Summary`) in TFRecord frames.
//!
//! ```text
//! frame    length: u64, masked CRC32C of the length: u32, data, masked CRC32C of the data: u32   (little-endian)
//! Event    1: wall_time double, 2: step int64, 3: file_version string, 5: Summary
//! Summary  1: Value, repeated;  Value  1: tag string, 2: simple_value float
//! ```

/// The frame a file opens with.
pub(super) fn header(wall_time: f64) -> Vec<u8> {
    let mut event = double(1, wall_time);
    event.extend(bytes(3, b"brain.Event:2"));
    frame(&event)
}

/// The frame of some scalars at a step.
pub(super) fn scalars(wall_time: f64, step: u64, scalars: &[(String, f32)]) -> Vec<u8> {
    let summary: Vec<u8> = scalars.iter().flat_map(|(tag, value)| bytes(1, &scalar(tag, *value))).collect();
    let mut event = double(1, wall_time);
    if step > 0 {
        event.extend(varint(2 << 3)); // as protocol buffers have it, a zero is not written
        event.extend(varint(step));
    }
    event.extend(bytes(5, &summary));
    frame(&event)
}

fn scalar(tag: &str, value: f32) -> Vec<u8> {
    let mut encoded = bytes(1, tag.as_bytes());
    encoded.extend(varint(2 << 3 | 5));
    encoded.extend(value.to_le_bytes());
    encoded
}

fn double(field: u64, value: f64) -> Vec<u8> {
    let mut encoded = varint(field << 3 | 1);
    encoded.extend(value.to_le_bytes());
    encoded
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    let mut encoded = varint(field << 3 | 2);
    encoded.extend(varint(value.len() as u64));
    encoded.extend(value);
    encoded
}

/// Seven bits a byte, the lowest first; the high bit says that more follow.
fn varint(mut value: u64) -> Vec<u8> {
    let mut encoded = Vec::new();
    while value >= 0x80 {
        encoded.push(value as u8 | 0x80);
        value >>= 7;
    }
    encoded.push(value as u8);
    encoded
}

fn frame(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut framed = length.to_vec();
    framed.extend(masked(crc32c(&length)).to_le_bytes());
    framed.extend(data);
    framed.extend(masked(crc32c(data)).to_le_bytes());
    framed
}

/// TFRecord masks its checksums, because a checksum of data that holds checksums is weak.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC32C (Castagnoli), bit by bit: a frame has about a hundred bytes.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32c_of_the_standard_check_string() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283); // RFC 3720, and every catalogue of CRCs
    }
}
