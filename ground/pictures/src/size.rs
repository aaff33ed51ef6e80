use crate::bounds::{MOST_PIXELS, MOST_SIDE};
use crate::fault::PictureFault;

/// Columns and rows, if a picture may be that large.
pub(crate) fn checked_size([width, height]: [u64; 2], source: &str) -> Result<[u32; 2], PictureFault> {
    let fits = |side: u64| (1..=MOST_SIDE).contains(&side);
    match fits(width) && fits(height) && width * height <= MOST_PIXELS {
        true => Ok([width as u32, height as u32]),
        false => Err(PictureFault::Size { source_name: source.into(), width, height }),
    }
}
