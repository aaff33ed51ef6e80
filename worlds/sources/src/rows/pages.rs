//! A look at the pages of a Parquet file before the library reads them: a page of a few bytes can
//! hold gigabytes, and the library unpacks it whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use parquet::file::metadata::ParquetMetaData;

use super::footer::page;

/// The largest page there may be, unpacked. Writers aim at one megabyte; some go up to a hundred,
/// or as far as one cell is long.
const LARGEST: u64 = 128 << 20;

/// What of a page is looked at for its header first, and at most: a header may hold a column's
/// smallest and largest value.
const LOOKS: [u64; 2] = [4 << 10, 1 << 20];

/// Refuses a file with a page that would take too much memory.
pub(super) fn check(file: &mut File, metadata: &ParquetMetaData) -> Result<(), String> {
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let (start, length) = column.byte_range();
        let end = start.saturating_add(length);
        let mut at = start;
        while at < end {
            let (unpacked, packed, header) = header(file, at, end)?;
            if unpacked > LARGEST {
                let name = column.column_path().string();
                return Err(format!(
                    "a page of column `{name}` holds {} MiB; {} are allowed",
                    unpacked >> 20,
                    LARGEST >> 20
                ));
            }
            at = at.saturating_add(header).saturating_add(packed);
        }
    }
    Ok(())
}

/// How many bytes a page holds, how many they take in the file, and those of its header.
fn header(file: &mut File, at: u64, end: u64) -> Result<(u64, u64, u64), String> {
    let unreadable = |error: io::Error| error.to_string();
    for look in LOOKS {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
        file.by_ref().take(look.min(end - at)).read_to_end(&mut bytes).map_err(unreadable)?;
        if let Some(found) = page(&bytes) {
            return Ok(found);
        }
    }
    Err("a page's header cannot be read".to_owned())
}
