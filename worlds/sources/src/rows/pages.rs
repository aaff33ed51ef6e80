//! A look at the pages of a Parquet file before the library reads them: a page of a few bytes can
//! hold gigabytes, and the library unpacks it whole; and a row of a few bytes can say a long text
//! of the column's dictionary a million times, each of which becomes a text of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::FileReader;

use super::footer::{PageHeader, page};
use super::longest;

/// Rows that are decoded together, if they are no long ones. [rows]
const BATCH: usize = 1024;

/// The largest page there may be, unpacked. Writers aim at one megabyte; some go up to a hundred,
/// or as far as one cell is long.
const LARGEST: u64 = 128 << 20;

/// The most that one row may take of a column, and a batch of rows that are decoded together.
const LARGEST_ROW: u64 = 1 << 30;

/// What of a page is looked at for its header first, and at most: a header may hold a column's
/// smallest and largest value.
const LOOKS: [u64; 2] = [4 << 10, 1 << 20];

/// Refuses a file with a page or a row that would take too much memory. Returns how many rows may
/// be decoded together.
pub(super) fn check(file: &mut File, table: &dyn FileReader) -> Result<usize, String> {
    let mut batch = BATCH as u64;
    for (group, row_group) in table.metadata().row_groups().iter().enumerate() {
        for (place, column) in row_group.columns().iter().enumerate() {
            let chunk = chunk(file, column)?;
            let descriptor = column.column_descr();
            let mut row = chunk.cost_of_all();
            if descriptor.max_rep_level() > 0 && row > LARGEST_ROW {
                row = longest::row(table, (group, place), descriptor.max_rep_level(), chunk.incremental)?;
                if row > LARGEST_ROW {
                    let name = column.column_path().string();
                    return Err(format!(
                        "a row of column `{name}` may hold {} MiB; {} are allowed",
                        row >> 20,
                        LARGEST_ROW >> 20
                    ));
                }
            } else if descriptor.max_rep_level() == 0 {
                row = chunk.incremental;
            }
            batch = batch.min(LARGEST_ROW / row.max(1));
        }
    }
    Ok(batch.max(1) as usize)
}

/// What the headers of a column's pages say of it, in one row group.
#[derive(Default)]
struct Chunk {
    values: u64,
    /// Bytes of its pages, unpacked.
    bytes: u64,
    dictionary: u64,
    /// The largest page of texts that are written as what differs from the one before: each may be
    /// as long as the page.
    incremental: u64,
}

impl Chunk {
    /// What it takes at most if all of it is one row.
    fn cost_of_all(&self) -> u64 {
        self.values.saturating_mul(longest::VALUE + self.dictionary.max(self.incremental)).saturating_add(self.bytes)
    }
}

fn chunk(file: &mut File, column: &ColumnChunkMetaData) -> Result<Chunk, String> {
    let (start, length) = column.byte_range();
    let (mut at, end) = (start, start.saturating_add(length));
    let mut chunk = Chunk::default();
    while at < end {
        let page = header(file, at, end)?;
        if page.unpacked > LARGEST {
            let name = column.column_path().string();
            return Err(format!(
                "a page of column `{name}` holds {} MiB; {} are allowed",
                page.unpacked >> 20,
                LARGEST >> 20
            ));
        }
        chunk.values = chunk.values.saturating_add(page.values);
        chunk.bytes = chunk.bytes.saturating_add(page.unpacked);
        match page {
            PageHeader { is_dictionary: true, unpacked, .. } => chunk.dictionary = chunk.dictionary.max(unpacked),
            PageHeader { is_incremental: true, unpacked, .. } => chunk.incremental = chunk.incremental.max(unpacked),
            _ => {}
        }
        at = at.saturating_add(page.length).saturating_add(page.packed);
    }
    Ok(chunk)
}

/// Reads the header of the page that begins at a place.
fn header(file: &mut File, at: u64, end: u64) -> Result<PageHeader, String> {
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
