use std::io::Cursor;

use ::png::{BitDepth, ColorType, Decoder, DecodingError, Encoder, Limits, Transformations};

use crate::bounds::MOST_PIXELS;
use crate::fault::PictureFault;
use crate::pixels::Pixels;
use crate::size::checked_size;

/// A PNG's pixels, 8 bits a channel.
pub(crate) struct Decoded {
    width: usize,
    height: usize,
    colour: ColorType,
    /// `[height, width, channels]`
    bytes: Vec<u8>,
}

/// Reads a PNG. One with several pictures (an animation) is refused: it would be taken for its
/// first.
pub(crate) fn decode(bytes: &[u8], source: &str) -> Result<Decoded, PictureFault> {
    let broken = |error: DecodingError| PictureFault::Broken { source_name: source.into(), why: error.to_string() };
    // Four channels of two bytes before they are made one, and what the decoder needs beside them.
    let limits = Limits { bytes: MOST_PIXELS as usize * 8 + (1 << 20) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(broken)?.size();
    let [width, height] = checked_size([u64::from(width), u64::from(height)], source)?.map(|side| side as usize);
    let mut reader = decoder.read_info().map_err(broken)?;
    if reader.info().is_animated() {
        let why = "it is animated; give its pictures as `images`".to_owned();
        return Err(PictureFault::Broken { source_name: source.into(), why });
    }
    let mut pixels = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let shown = reader.next_frame(&mut pixels).map_err(broken)?;
    pixels.truncate(shown.buffer_size());
    Ok(Decoded { width, height, colour: shown.color_type, bytes: pixels })
}

impl Decoded {
    /// Red, green, blue and opacity of every pixel: equal exactly if the pictures look the same on
    /// any ground.
    pub(crate) fn rgba(&self) -> Vec<u8> {
        self.each_pixel(|[red, green, blue, alpha]| [red, green, blue, alpha])
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> [u32; 2] {
        [self.width as u32, self.height as u32]
    }

    pub(crate) fn without_alpha(&self) -> Pixels {
        let rgb = self.each_pixel(|[red, green, blue, _]| [red, green, blue]);
        Pixels { width: self.width, height: self.height, rgb }
    }

    fn each_pixel<const N: usize>(&self, of: fn([u8; 4]) -> [u8; N]) -> Vec<u8> {
        let channels = self.colour.samples();
        let pixel = |pixel: &[u8]| match *pixel {
            [grey] => of([grey, grey, grey, u8::MAX]),
            [grey, alpha] => of([grey, grey, grey, alpha]),
            [red, green, blue] => of([red, green, blue, u8::MAX]),
            [red, green, blue, alpha, ..] => of([red, green, blue, alpha]),
            [] => of([0; 4]),
        };
        self.bytes.chunks_exact(channels).flat_map(pixel).collect()
    }
}

/// Pixels as a PNG: `rgb` is `[height, width, 3]`.
pub fn encode(pixels: &Pixels) -> Result<Vec<u8>, PictureFault> {
    let broken = |error: ::png::EncodingError| PictureFault::Broken {
        source_name: "that is to be written".to_owned(),
        why: error.to_string(),
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, pixels.width as u32, pixels.height as u32);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(broken)?;
    writer.write_image_data(&pixels.rgb).map_err(broken)?;
    writer.finish().map_err(broken)?;
    Ok(bytes)
}
