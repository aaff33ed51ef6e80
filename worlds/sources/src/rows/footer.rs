//! A look at a Parquet file's footer before the library reads it.
//!
//! The library trusts the footer's numbers of elements and its depth: a file of a few bytes could
//! ask it for gigabytes, or for more stack than there is, and neither can be caught. So the footer,
//! which is Thrift's compact protocol, is walked here with bounds: no list is longer than the bytes
//! that are left, and the schema is a tree of bounded depth.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The longest footer that is read.
const LONGEST: u64 = 64 << 20;
/// How deep structures may be nested, in the protocol and in the schema.
const DEEPEST: usize = 48;
/// Thrift's numbers of `FileMetaData.schema` and of `SchemaElement.num_children`.
const SCHEMA: i16 = 2;
const CHILDREN: i16 = 5;
/// Those of `PageHeader.uncompressed_page_size` and `compressed_page_size`.
const UNPACKED: i16 = 2;
const PACKED: i16 = 3;

/// Refuses a file whose footer would harm its reader.
pub(super) fn check(file: &mut File) -> Result<(), String> {
    let unreadable = |error: io::Error| error.to_string();
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if length < 12 {
        return Err("it is cut off".to_owned());
    }
    file.seek(SeekFrom::End(-8)).map_err(unreadable)?;
    let mut end = [0; 8];
    file.read_exact(&mut end).map_err(unreadable)?;
    let (size, magic) = end.split_at(4);
    let size = u64::from(u32::from_le_bytes([size[0], size[1], size[2], size[3]]));
    if magic != b"PAR1" {
        return Err("it is cut off, or encrypted: it does not end as a Parquet file does".to_owned());
    }
    if size > LONGEST || size + 12 > length {
        return Err(format!("its footer would have {size} bytes"));
    }
    file.seek(SeekFrom::Start(length - 8 - size)).map_err(unreadable)?;
    let mut footer = vec![0; size as usize];
    file.read_exact(&mut footer).map_err(unreadable)?;
    walk(&footer).ok_or_else(|| "its footer cannot be read".to_owned())
}

/// Walks a footer; `None` if it is malformed or out of bounds.
pub(super) fn walk(footer: &[u8]) -> Option<()> {
    let mut walker = Walker { left: footer, children: Vec::new() };
    walker.structure(0, None)?;
    tree(&walker.children)
}

/// What a page's header says.
pub(super) struct PageHeader {
    /// The bytes that the page holds.
    pub(super) unpacked: u64,
    /// Those that it takes in the file.
    pub(super) packed: u64,
    /// Those of the header itself.
    pub(super) length: u64,
    /// Its values, repeated ones and those that are null included; 0 in a dictionary.
    pub(super) values: u64,
    /// Whether it is a dictionary.
    pub(super) is_dictionary: bool,
    /// Whether its texts are written as what differs from the one before.
    pub(super) is_incremental: bool,
}

/// Reads a page's header.
pub(super) fn page(header: &[u8]) -> Option<PageHeader> {
    const DATA: i16 = 5;
    const DICTIONARY: i16 = 7;
    const DATA_2: i16 = 8;
    const DELTA_BYTE_ARRAY: i64 = 7;
    let mut walker = Walker { left: header, children: Vec::new() };
    let (mut sizes, mut values, mut is_dictionary, mut is_incremental) = ([None, None], 0, false, false);
    walker.fields(|walker, field, kind| {
        match (kind, field) {
            (5, UNPACKED | PACKED) => sizes[(field - UNPACKED) as usize] = Some(u64::try_from(walker.signed()?).ok()?),
            (12, DATA | DATA_2) => {
                let encoding = if field == DATA { 2 } else { 4 };
                walker.fields(|walker, inner, kind| {
                    match (kind, inner) {
                        (5, 1) => values = u64::try_from(walker.signed()?).ok()?,
                        (5, _) if inner == encoding => is_incremental = walker.signed()? == DELTA_BYTE_ARRAY,
                        _ => walker.value(kind, 0, None)?,
                    }
                    Some(())
                })?;
            }
            _ => {
                is_dictionary |= field == DICTIONARY;
                walker.value(kind, 0, None)?;
            }
        }
        Some(())
    })?;
    let [unpacked, packed] = sizes;
    let length = (header.len() - walker.left.len()) as u64;
    Some(PageHeader { unpacked: unpacked?, packed: packed?, length, values, is_dictionary, is_incremental })
}

/// Whether these numbers of children, depth first, are one tree that is not too deep.
fn tree(children: &[u64]) -> Option<()> {
    let mut open: Vec<u64> = vec![1];
    for &number in children {
        while open.last() == Some(&0) {
            open.pop();
        }
        *open.last_mut()? -= 1;
        if number as usize > children.len() || open.len() > DEEPEST {
            return None;
        }
        open.push(number);
    }
    open.iter().all(|left| *left == 0).then_some(())
}

struct Walker<'a> {
    left: &'a [u8],
    /// The numbers of children of the schema's elements.
    children: Vec<u64>,
}

impl Walker<'_> {
    fn skip(&mut self, bytes: u64) -> Option<()> {
        self.left = self.left.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, left) = self.left.split_first()?;
        self.left = left;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A signed number: zigzag.
    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// Calls for every field of a structure, with its number and kind, up to its end.
    fn fields(&mut self, mut each: impl FnMut(&mut Self, i16, u8) -> Option<()>) -> Option<()> {
        let mut field = 0i16;
        loop {
            let head = self.byte()?;
            if head & 0x0f == 0 {
                return Some(());
            }
            field = match head >> 4 {
                0 => i16::try_from(self.signed()?).ok()?,
                step => field.checked_add(i16::from(step))?,
            };
            each(self, field, head & 0x0f)?;
        }
    }

    /// A structure's fields up to its end. `within` is the field of the footer that it stands in.
    fn structure(&mut self, depth: usize, within: Option<i16>) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let (mut field, mut children) = (0i16, 0);
        loop {
            let head = self.byte()?;
            if head & 0x0f == 0 {
                break;
            }
            field = match head >> 4 {
                0 => i16::try_from(self.signed()?).ok()?,
                step => field.checked_add(i16::from(step))?,
            };
            let is_schema_element = depth == 1 && within == Some(SCHEMA);
            match head & 0x0f {
                5 if is_schema_element && field == CHILDREN => children = u64::try_from(self.signed()?).ok()?,
                kind => self.value(kind, depth, if depth == 0 { Some(field) } else { within })?,
            }
        }
        if depth == 1 && within == Some(SCHEMA) {
            self.children.push(children);
        }
        Some(())
    }

    fn value(&mut self, kind: u8, depth: usize, within: Option<i16>) -> Option<()> {
        match kind {
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.number().map(drop),
            7 => self.skip(8),
            8 => {
                let length = self.number()?;
                self.skip(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
                // Every element takes a byte at least.
                if length > self.left.len() as u64 || depth > DEEPEST {
                    return None;
                }
                for _ in 0..length {
                    match head & 0x0f {
                        1 | 2 => self.skip(1)?,
                        12 => self.structure(depth + 1, within)?,
                        kind => self.value(kind, depth + 1, within)?,
                    }
                }
                Some(())
            }
            12 => self.structure(depth + 1, within),
            _ => None,
        }
    }
}
