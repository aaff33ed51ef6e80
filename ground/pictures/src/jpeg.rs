use std::io::Cursor;

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use crate::bounds::MOST_SIDE;
use crate::fault::PictureFault;
use crate::pixels::Pixels;
use crate::size::checked_size;

/// Reads a JPEG; one that is cut short is an error.
pub(crate) fn decode(bytes: &[u8], source: &str) -> Result<Pixels, PictureFault> {
    let broken = |error: DecodeErrors| PictureFault::Broken { source_name: source.into(), why: error.to_string() };
    let options = DecoderOptions::default()
        .set_max_width(MOST_SIDE as usize)
        .set_max_height(MOST_SIDE as usize)
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let [width, height] = checked_size([width as u64, height as u64], source)?.map(|side| side as usize);
    let rgb = decoder.decode().map_err(broken)?;
    match rgb.len() == width * height * 3 {
        true => Ok(Pixels { width, height, rgb }),
        false => {
            let why = format!("{} bytes are not {width}×{height} colours", rgb.len());
            Err(PictureFault::Broken { source_name: source.into(), why })
        }
    }
}
