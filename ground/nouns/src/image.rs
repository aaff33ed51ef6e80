use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// How a picture's bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageFormat {
    /// Lossless.
    Png,
    /// Lossy: what it shows depends on the decoder in its last bits.
    Jpeg,
}

impl ImageFormat {
    /// The extension of a file of it.
    pub fn extension(self) -> &'static str {
        match self {
            ImageFormat::Png => "png",
            ImageFormat::Jpeg => "jpg",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            ImageFormat::Png => "image/png",
            ImageFormat::Jpeg => "image/jpeg",
        }
    }
}

/// A picture. Clones share its bytes.
///
/// Two pictures are equal if their digests are. As JSON it is everything but the bytes: whoever
/// writes it keeps these once, under the digest, and whoever reads it puts them back
/// ([`Image::with_bytes`]).
#[derive(Clone, Serialize, Deserialize)]
pub struct Image {
    digest: Digest,
    format: ImageFormat,
    width: u32,
    height: u32,
    /// Where it came from, for people.
    source: String,
    /// The file.
    #[serde(skip)]
    bytes: Arc<[u8]>,
}

impl Image {
    /// A picture that was looked at: `digest` names what it shows. `source` is its path or its
    /// column, for people.
    pub fn new(digest: Digest, format: ImageFormat, [width, height]: [u32; 2], source: &str, bytes: Vec<u8>) -> Image {
        Image { digest, format, width, height, source: source.into(), bytes: bytes.into() }
    }

    /// The same, with its bytes back.
    pub fn with_bytes(self, bytes: Arc<[u8]>) -> Image {
        Image { bytes, ..self }
    }

    /// Names what it shows: the pixels of a lossless picture, however they are compressed, and the
    /// file of a lossy one.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// How the bytes are written.
    pub fn format(&self) -> ImageFormat {
        self.format
    }

    /// Columns and rows.
    pub fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    /// Where it came from, for people.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The file; empty if it was read from JSON and not put back.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The name of the file that keeps it: equal pictures have one.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.digest, self.format.extension())
    }
}

impl PartialEq for Image {
    fn eq(&self, other: &Image) -> bool {
        self.digest == other.digest
    }
}

/// `32×24, photos/cat.png`
impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}, {}", self.width, self.height, self.source)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({self}, {}, {} bytes)", self.digest.short(), self.bytes.len())
    }
}
