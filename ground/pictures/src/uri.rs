use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD};
use nouns::{Image, ImageFormat};

use crate::bounds::MOST_BYTES;
use crate::fault::PictureFault;
use crate::read::{format_of, read};

/// Base64 with or without its padding: both are common.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A picture from `data:image/png;base64,…`.
pub fn read_uri(uri: &str, source: &str) -> Result<Image, PictureFault> {
    let no = |why: &str| PictureFault::Text { source_name: source.into(), why: why.to_owned() };
    let (kind, content) = uri
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(','))
        .ok_or_else(|| no("a data URI is `data:`, a media type, `;base64`, a comma and the data"))?;
    match kind.strip_suffix(";base64") {
        Some(_) => read_base64(content, source),
        None => Err(no("only data URIs in base64 are read")),
    }
}

/// A picture from base64; blanks and line ends in it are passed over.
pub fn read_base64(text: &str, source: &str) -> Result<Image, PictureFault> {
    if text.len() as u64 > MOST_BYTES / 3 * 4 + (MOST_BYTES >> 4) {
        return Err(PictureFault::TooManyBytes { source_name: source.into(), bytes: text.len() as u64 / 4 * 3 });
    }
    let bare: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = LENIENT
        .decode(bare)
        .map_err(|error| PictureFault::Text { source_name: source.into(), why: format!("not base64: {error}") })?;
    read(bytes, source)
}

/// A picture as a data URI, for a page that shows it.
pub fn data_uri(image: &Image) -> String {
    uri(image.format(), image.bytes())
}

/// Bytes that begin as a picture does as a data URI; whether they are one is not looked at.
pub fn uri_of_bytes(bytes: &[u8]) -> Option<String> {
    format_of(bytes).map(|format| uri(format, bytes))
}

fn uri(format: ImageFormat, bytes: &[u8]) -> String {
    format!("data:{};base64,{}", format.media_type(), STANDARD.encode(bytes))
}
