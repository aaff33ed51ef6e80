//! The rows of a data file, one at a time, each as the text of a JSON object: JSON lines or one
//! list of objects (plain or gzip), and Parquet.
//!
//! What a file is, its first bytes say, not its name. No more than one line, or one batch of a
//! table, is in memory.

mod columns;
mod footer;
mod gzip;
mod lines;
mod longest;
mod nesting;
mod numbers;
mod pages;
mod table;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

pub use columns::Columns;

use crate::fault::WorldFault;
use gzip::Gzip;
use lines::Lines;
pub(crate) use numbers::{exact, whole};
use table::Table;

/// One row of a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1: the line it stands on, or its place in the table.
    pub number: u64,
    /// A JSON object. A cell of a table that holds nothing is left out.
    pub text: String,
}

/// The rows of a data file, in order. Empty lines are none.
pub struct Rows {
    path: PathBuf,
    columns: Columns,
    source: Source,
    /// Bytes of text that may still come out of a table.
    room: u64,
}

enum Source {
    Lines(Lines<Box<dyn BufRead>>),
    Table(Box<Table>),
}

/// What a row takes at least, wherever it is kept: a table of nothing but empty rows is no small
/// one. [bytes]
const ROW: u64 = 64;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const PARQUET: [u8; 4] = *b"PAR1";

impl Rows {
    /// Opens a file. Columns that a person renames are called by their new names in what comes out.
    pub fn open(path: &Path, columns: &Columns) -> Result<Rows, WorldFault> {
        let unreadable = |source| WorldFault::Unreadable { path: path.to_owned(), source };
        let mut file = fs_err::File::open(path).map_err(unreadable)?;
        let mut start = [0; 4];
        let length = read_up_to(&mut file, &mut start).map_err(unreadable)?;
        if start == PARQUET {
            let table = Table::open(path, columns)?;
            return Ok(Rows::of(path, columns, Source::Table(Box::new(table)), gzip::LARGEST));
        }
        let whole = BufReader::new(std::io::Cursor::new(start).take(length as u64).chain(file));
        let text: Box<dyn BufRead> = match start.starts_with(&GZIP) {
            true => Box::new(BufReader::new(Gzip::new(whole))),
            false => Box::new(whole),
        };
        Ok(Rows::of(path, columns, Source::Lines(Lines::new(text)), u64::MAX))
    }

    /// The rows of an open stream of JSON lines, plain or gzip, such as standard input; `name`
    /// stands in messages.
    pub fn of_lines(name: &str, mut stream: Box<dyn BufRead>, columns: &Columns) -> Rows {
        // An error is said again by whoever reads on.
        let packed = stream.fill_buf().is_ok_and(|bytes| bytes.starts_with(&GZIP));
        let text = if packed { Box::new(BufReader::new(Gzip::new(stream))) } else { stream };
        Rows::of(Path::new(name), columns, Source::Lines(Lines::new(text)), u64::MAX)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn of(path: &Path, columns: &Columns, source: Source, room: u64) -> Rows {
        Rows { path: path.to_owned(), columns: columns.clone(), source, room }
    }

    /// Reads no other columns of a table: tables have many that are not needed. Lines come whole,
    /// so that a misspelt key is seen.
    pub fn only(mut self, names: &[&str]) -> Result<Rows, WorldFault> {
        if let Source::Table(table) = &mut self.source {
            table.project(names)?;
        }
        Ok(self)
    }

    fn step(&mut self) -> Result<Option<Row>, WorldFault> {
        let row = match &mut self.source {
            Source::Table(table) => table.next_row()?,
            Source::Lines(lines) => {
                let unreadable = |source| WorldFault::Unreadable { path: self.path.clone(), source };
                let Some((number, line)) = lines.next_line().map_err(unreadable)? else { return Ok(None) };
                let bad = |problem| WorldFault::bad_line(&self.path, number, problem, None);
                Some(Row { number, text: self.columns.rename(numbers::without_nan(line)).map_err(bad)? })
            }
        };
        if let Some(row) = &row {
            if row.text.len() as u64 > lines::LONGEST {
                return Err(WorldFault::bad_line(&self.path, row.number, "longer than 64 MiB", None));
            }
            let too_large = || WorldFault::bad_line(&self.path, row.number, "the file holds more than 4 GiB", None);
            self.room = self.room.checked_sub(row.text.len() as u64 + ROW).ok_or_else(too_large)?;
        }
        Ok(row)
    }
}

impl Iterator for Rows {
    type Item = Result<Row, WorldFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// Whether a file is a table, or compressed: no plain text.
pub(crate) fn is_packed(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = fs_err::File::open(path).and_then(|mut file| read_up_to(&mut file, &mut start));
    read.is_ok() && (start == PARQUET || start.starts_with(&GZIP))
}

/// Fills as much of the buffer as there is.
fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}
