use std::fmt;

use serde::{Deserialize, Serialize};

/// A BLAKE3 digest, written as 64 hexadecimal digits. Names models, stages and files by what they
/// contain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Digest(String);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(blake3::hash(bytes).to_hex().to_string())
    }

    /// The digest of several fields. Each is preceded by its length, so that no two lists of fields
    /// collide.
    pub fn of_fields<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Digest::of_each(|see| fields.into_iter().for_each(see))
    }

    /// The same of fields that are shown one by one, so that they need not be in memory together.
    pub fn of_each(show: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Self {
        let mut hasher = blake3::Hasher::new();
        show(&mut |field| {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field);
        });
        Digest(hasher.finalize().to_hex().to_string())
    }

    /// All 64 digits.
    pub fn hex(&self) -> &str {
        &self.0
    }

    /// The first eight digits: enough for people.
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
