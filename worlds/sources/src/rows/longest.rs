//! The longest row of a column of lists in a Parquet file, by its levels and without its values.

use parquet::column::page::Page;
use parquet::errors::ParquetError;
use parquet::file::reader::FileReader;

/// What a value takes at least once it is decoded. [bytes]
pub(super) const VALUE: u64 = 64;

/// What the longest row of a column takes at most in a row group: its values, each as long as the
/// longest of the dictionary or as `cell`, and the pages that it touches. [bytes]
pub(super) fn row(
    table: &dyn FileReader,
    (group, column): (usize, usize),
    deepest: i16,
    cell: u64,
) -> Result<u64, String> {
    let unreadable = |error: ParquetError| format!("not readable as Parquet: {error}");
    let group = table.get_row_group(group).map_err(unreadable)?;
    let mut pages = group.get_column_page_reader(column).map_err(unreadable)?;
    let width = 16 - (deepest.max(0) as u16).leading_zeros();
    let mut row = Row { cell: VALUE + cell, ..Row::default() };
    while let Some(page) = pages.get_next_page().map_err(unreadable)? {
        let (levels, values) = match &page {
            Page::DictionaryPage { buf, .. } => {
                row.cell = row.cell.max(VALUE + longest_text(buf));
                continue;
            }
            Page::DataPage { buf, num_values, .. } => (sized(buf), *num_values),
            Page::DataPageV2 { buf, num_values, rep_levels_byte_len, .. } => {
                (buf.get(..*rep_levels_byte_len as usize), *num_values)
            }
        };
        row.page = page.buffer().len() as u64;
        row.bytes += row.page;
        // levels that cannot be read here are all taken for one row
        let left = levels.map_or(u64::from(values), |levels| row.read(levels, width, u64::from(values)));
        row.values += left;
    }
    Ok(row.end())
}

/// The longest of the texts that a dictionary lists, each after its length; numbers are shorter
/// than what is said for a value.
fn longest_text(mut texts: &[u8]) -> u64 {
    let mut longest = 0;
    while let Some((length, rest)) = texts.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        let Some(rest) = rest.get(length as usize..) else { break };
        longest = longest.max(u64::from(length));
        texts = rest;
    }
    longest
}

/// What stands behind its own length.
fn sized(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.get(..u32::from_le_bytes(*length) as usize)
}

/// The row that is being read, and the longest before it.
#[derive(Default)]
struct Row {
    values: u64,
    /// Of the pages that it touches.
    bytes: u64,
    /// Of the page that is being read.
    page: u64,
    cell: u64,
    longest: u64,
}

impl Row {
    /// Reads runs of levels, where 0 begins a row. Returns how many values they leave unsaid.
    fn read(&mut self, mut levels: &[u8], width: u32, values: u64) -> u64 {
        let bytes = width.div_ceil(8) as usize;
        let mut left = values;
        while left > 0 {
            let Some(head) = number(&mut levels) else { break };
            if head & 1 == 0 {
                let run = (head >> 1).min(left);
                let Some((level, rest)) = levels.split_at_checked(bytes) else { break };
                levels = rest;
                match level.iter().all(|byte| *byte == 0) {
                    true if run > 0 => {
                        self.begin();
                        self.begin();
                    }
                    true => {}
                    false => self.values += run,
                }
                left -= run;
                continue;
            }
            let groups = usize::try_from(head >> 1).unwrap_or(usize::MAX).saturating_mul(width as usize);
            let Some((packed, rest)) = levels.split_at_checked(groups.min(levels.len())) else { break };
            levels = rest;
            let mut bits = 0..packed.len() * 8 / width.max(1) as usize;
            while let Some(place) = bits.next().filter(|_| left > 0) {
                let is_zero = (0..width as usize).all(|bit| {
                    let bit = place * width as usize + bit;
                    packed[bit / 8] >> (bit % 8) & 1 == 0
                });
                if is_zero {
                    self.begin();
                } else {
                    self.values += 1;
                }
                left -= 1;
            }
        }
        left
    }

    /// A row begins with a value.
    fn begin(&mut self) {
        self.end();
        (self.values, self.bytes) = (1, self.page);
    }

    /// What the longest row takes.
    fn end(&mut self) -> u64 {
        self.longest = self.longest.max(self.values.saturating_mul(self.cell).saturating_add(self.bytes));
        self.longest
    }
}

/// A number of seven bits a byte.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_in_runs_and_in_packed_levels() {
        let longest = |levels: &[u8], values: u64| {
            let mut row = Row { cell: 1, ..Row::default() };
            row.values += row.read(levels, 1, values);
            row.end()
        };
        // a run of a million ones behind one zero; bits 0 1 1 0 1 0 0 0; both
        let run = [0x02, 0x00, 0x80, 0x89, 0x7a, 0x01];
        let packed = [0x03, 0b0001_0110];
        assert_eq!(longest(&run, 1_000_001), 1_000_001);
        assert_eq!(longest(&packed, 8), 3);
        assert_eq!(longest(&[&packed[..], &run].concat(), 1_000_009), 1_000_001);
        assert_eq!(longest(&[&run[..], &packed].concat(), 1_000_009), 1_000_001);
        assert_eq!(longest(&[&packed[..], &[0x06, 0x01]].concat(), 11), 4);
        // what is cut off goes to one row
        assert_eq!(longest(&[], 7), 7);
        assert_eq!(longest_text(&[1, 0, 0, 0, b'a', 3, 0, 0, 0, b'a', b'b', b'c']), 3);
    }
}
