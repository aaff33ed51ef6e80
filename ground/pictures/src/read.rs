use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use nouns::{Digest, Image, ImageFormat};

use crate::bounds::MOST_BYTES;
use crate::fault::PictureFault;
use crate::pixels::Pixels;
use crate::{jpeg, png};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// A picture from the bytes of its file. `source` says where they came from, for people.
pub fn read(bytes: Vec<u8>, source: &str) -> Result<Image, PictureFault> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(PictureFault::TooManyBytes { source_name: source.into(), bytes: bytes.len() as u64 });
    }
    let (digest, format, size) = looked_at(&bytes, source)?;
    Ok(Image::new(digest, format, size, source, bytes))
}

/// What the bytes show: the name of it, their format, columns and rows.
fn looked_at(bytes: &[u8], source: &str) -> Result<(Digest, ImageFormat, [u32; 2]), PictureFault> {
    let begins = || match bytes {
        [] => "nothing".to_owned(),
        _ => format!("`{}`", bytes[..bytes.len().min(8)].escape_ascii()),
    };
    match format_of(bytes) {
        None => Err(PictureFault::Format { source_name: source.into(), begins: begins() }),
        Some(ImageFormat::Png) => {
            let decoded = png::decode(bytes, source)?;
            let size = decoded.size();
            let sides = size.map(u32::to_le_bytes);
            let shown = Digest::of_fields([b"pixels".as_slice(), &sides[0], &sides[1], &decoded.rgba()]);
            Ok((shown, ImageFormat::Png, size))
        }
        Some(ImageFormat::Jpeg) => {
            // Decoders differ in the last bits of what a JPEG shows: its file names it, so that no other version renames it.
            let pixels = jpeg::decode(bytes, source)?;
            let shown = Digest::of_fields([b"jpeg".as_slice(), bytes]);
            Ok((shown, ImageFormat::Jpeg, [pixels.width as u32, pixels.height as u32]))
        }
    }
}

impl Pixels {
    /// Those of a picture.
    pub fn of(image: &Image) -> Result<Pixels, PictureFault> {
        match image.format() {
            ImageFormat::Png => Ok(png::decode(image.bytes(), image.source())?.without_alpha()),
            ImageFormat::Jpeg => jpeg::decode(image.bytes(), image.source()),
        }
    }
}

/// How bytes are written that begin as a picture does.
pub(crate) fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        _ if bytes.starts_with(PNG) => Some(ImageFormat::Png),
        _ if bytes.starts_with(JPEG) => Some(ImageFormat::Jpeg),
        _ => None,
    }
}

/// A picture from a file. `source` says where it came from, for people.
pub fn read_file(path: &Path, source: &str) -> Result<Image, PictureFault> {
    let unreadable = |why: std::io::Error| PictureFault::Unreadable {
        source_name: path.display().to_string(),
        why: why.to_string(),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes > MOST_BYTES {
        return Err(PictureFault::TooManyBytes { source_name: path.display().to_string(), bytes });
    }
    let mut content = Vec::new();
    file.by_ref().take(MOST_BYTES + 1).read_to_end(&mut content).map_err(unreadable)?;
    read(content, source)
}

/// A picture that was kept under its name, with its bytes back. Other bytes than those that were
/// kept are an error.
pub fn whole(image: Image, bytes: Arc<[u8]>) -> Result<Image, PictureFault> {
    let (digest, ..) = looked_at(&bytes, image.source())?;
    match digest == *image.digest() {
        true => Ok(image.with_bytes(bytes)),
        false => Err(PictureFault::Broken {
            source_name: image.source().to_owned(),
            why: format!("what is kept as {} shows something else", image.file_name()),
        }),
    }
}
