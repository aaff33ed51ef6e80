//! What comes in as a picture is one, within bounds, and has the name of what it shows.

use std::collections::BTreeMap;
use std::path::Path;

use nouns::ImageFormat;
use pictures::{Pixels, data_uri, encode_png, read, read_base64, read_file, read_uri, whole};
use proptest::prelude::*;

fn png(width: usize, height: usize, shade: u8) -> Vec<u8> {
    let rgb = (0..width * height * 3).map(|at| (at as u8).wrapping_mul(7) ^ shade).collect();
    encode_png(&Pixels { width, height, rgb }).expect("it can be written")
}

/// Written by `golden/pictures.py` with Pillow.
const JPEG: &[u8] = include_bytes!("golden/shades.jpg");
const SAME: [&[u8]; 3] = [
    include_bytes!("golden/same-rgba.png"),
    include_bytes!("golden/same-palette.png"),
    include_bytes!("golden/same-other-level.png"),
];

/// What Pillow sees in a picture.
#[derive(serde::Deserialize)]
struct Seen {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

#[test]
fn a_picture_comes_back_from_its_pixels() {
    let pixels = Pixels { width: 5, height: 3, rgb: (0..45).collect() };
    let image = read(encode_png(&pixels).expect("png"), "made").expect("a picture");
    assert_eq!(Pixels::of(&image).expect("pixels"), pixels);
    assert_eq!((image.size(), image.format()), ([5, 3], ImageFormat::Png));
}

#[test]
fn the_same_picture_has_one_name_however_it_is_written_and_another_has_another() {
    let [one, two, three] = SAME.map(|bytes| read(bytes.to_vec(), "same").expect("a picture"));
    assert_eq!((one.digest(), two.digest()), (two.digest(), three.digest()));
    let [a, b] = [1, 2].map(|shade| read(png(4, 4, shade), "made").expect("a picture"));
    assert_ne!(a.digest(), b.digest());
    let [wide, high] = [(8, 2), (2, 8)].map(|(w, h)| read(png(w, h, 0), "made").expect("a picture"));
    assert_ne!(wide.digest(), high.digest(), "the same colours in other rows");
}

#[test]
fn pixels_are_those_that_pillow_sees() {
    let seen: BTreeMap<String, Seen> = serde_json::from_str(include_str!("golden/pixels.json")).expect("json");
    for (name, seen) in seen {
        let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        let image = read_file(Path::new(&path), &name).expect("a picture");
        let pixels = Pixels::of(&image).expect("pixels");
        assert_eq!((pixels.width, pixels.height), (seen.width, seen.height), "{name}");
        // decoders of JPEG round their transforms differently
        let allowed = if image.format() == ImageFormat::Jpeg { 3 } else { 0 };
        let worst = pixels.rgb.iter().zip(&seen.rgb).map(|(ours, theirs)| ours.abs_diff(*theirs)).max();
        assert!(worst <= Some(allowed) && pixels.rgb.len() == seen.rgb.len(), "{name}: {worst:?}");
    }
    assert!(read(JPEG[..JPEG.len() / 2].to_vec(), "half").is_err());
}

#[test]
fn data_uris_are_read_and_written() {
    let image = read(png(3, 2, 9), "made").expect("a picture");
    let uri = data_uri(&image);
    assert!(uri.starts_with("data:image/png;base64,iVBOR"));
    assert_eq!(read_uri(&uri, "column `image`").expect("a picture"), image);
    let (_, base64) = uri.split_once(',').expect("a comma");
    assert_eq!(read_base64(base64.trim_end_matches('='), "column `image`").expect("a picture"), image);
    for (wrong, part) in [
        ("data:image/png;base64", "a data URI is"),
        ("data:image/png,abc", "base64 are read"),
        ("data:image/png;base64,!!!!", "not base64"),
        ("data:image/png;base64,AAAA", "neither a PNG nor a JPEG"),
    ] {
        let error = read_uri(wrong, "column `image`").expect_err(wrong).to_string();
        assert!(error.contains(part) && error.contains("column `image`"), "{error}");
    }
}

/// A PNG whose header claims these numbers of columns and rows, with a right checksum.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1, 0);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// The CRC of PNG's specification, annex D.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

#[test]
fn what_is_too_large_broken_or_no_picture_is_an_error_that_names_it() {
    let error = |bytes: Vec<u8>| read(bytes, "hostile.png").expect_err("it is refused").to_string();
    assert!(
        error(claiming(1 << 20, 1 << 20)).contains("1048576×1048576 pixels"),
        "{}",
        error(claiming(1 << 20, 1 << 20))
    );
    assert!(error(claiming(0, 4)).contains("hostile.png"));
    assert!(error(claiming(4096, 4096)).contains("broken"), "it has no data for so many");
    assert!(error(png(8, 8, 1)[..60].to_vec()).contains("broken"));
    assert!(error(b"GIF89a".to_vec()).contains("neither a PNG nor a JPEG picture: it begins with `GIF89a`"));
    assert!(error(include_bytes!("golden/animated.png").to_vec()).contains("it is animated"));
    assert!(error(Vec::new()).contains("begins with nothing"));
    assert!(error(vec![0; (32 << 20) + 1]).contains("33554433 bytes"));
    let missing = read_file(Path::new("/no/such/cat.png"), "column `image`").expect_err("it is missing");
    assert!(missing.to_string().contains("/no/such/cat.png"), "{missing}");
}

#[test]
fn what_is_kept_under_a_name_must_show_what_it_names() {
    let [image, other] = [1, 2].map(|shade| read(png(4, 4, shade), "made").expect("a picture"));
    let json = serde_json::to_string(&image).expect("json");
    let bare: nouns::Image = serde_json::from_str(&json).expect("an image");
    assert!(bare.bytes().is_empty() && bare == image, "its bytes are kept elsewhere: {json}");
    assert_eq!(whole(bare.clone(), image.bytes().clone()).expect("whole").bytes(), image.bytes());
    assert!(whole(bare, other.bytes().clone()).expect_err("another").to_string().contains("shows something else"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_crash(start in prop::sample::select(vec![b"\x89PNG\r\n\x1a\n".to_vec(), b"\xff\xd8\xff".to_vec(), vec![]]), rest in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read([start, rest].concat(), "any"));
    }

    #[test]
    fn no_change_of_a_picture_crashes(place in 0usize..4000, byte in any::<u8>(), jpeg in any::<bool>()) {
        let mut bytes = if jpeg { JPEG.to_vec() } else { png(9, 9, 3) };
        let place = place % bytes.len();
        bytes[place] = byte;
        drop(read(bytes, "changed"));
    }
}
