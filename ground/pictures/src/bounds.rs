//! How large a picture may be: an untrusted file must not fill the memory.

/// The most bytes that a picture's file may have.
pub const MOST_BYTES: u64 = 32 << 20;
/// The most pixels that a picture may have: what is unpacked takes 4 bytes each.
pub const MOST_PIXELS: u64 = 1 << 24;
/// The most pixels in a row or column; a JPEG has no more.
pub(crate) const MOST_SIDE: u64 = 1 << 16;
