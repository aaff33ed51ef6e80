//! The lines of a file of answers, one by one: what is wrong with one is its own trouble and not
//! the file's.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use sources::Columns;
use sources::rows::Rows;

/// The numbers and texts of lines that are not empty, from a file or from standard input (`-`). A
/// text that cannot be had is why.
pub(super) type Lines = Box<dyn Iterator<Item = (u64, Result<String, String>)>>;

/// What files that are no plain lines begin with: gzip and Parquet.
const PACKED: [&[u8]; 2] = [&[0x1f, 0x8b], b"PAR1"];

/// Opens the lines. A file may be packed, as `sources` reads it.
pub(super) fn open(path: &Path) -> io::Result<Lines> {
    let is_input = path == Path::new("-");
    let mut input: Box<dyn Read> = if is_input { Box::new(io::stdin()) } else { Box::new(std::fs::File::open(path)?) };
    let mut start = Vec::new();
    input.by_ref().take(4).read_to_end(&mut start)?;
    let packed = PACKED.iter().any(|magic| start.starts_with(magic));
    let whole = BufReader::new(Cursor::new(start).chain(input));
    if !packed {
        return Ok(Box::new(plain(whole)));
    }
    let rows = match is_input {
        true => Rows::of_lines("-", Box::new(whole), &Columns::default()),
        false => Rows::open(path, &Columns::default()).map_err(io::Error::other)?,
    };
    // a packed file that is broken once is broken to its end
    let mut broken = false;
    let rows = rows.take_while(move |row| !std::mem::replace(&mut broken, row.is_err()));
    Ok(Box::new(rows.map(|row| match row {
        Ok(row) => (row.number, Ok(row.text)),
        Err(fault) => (0, Err(fault.to_string())),
    })))
}

fn plain(mut text: impl BufRead) -> impl Iterator<Item = (u64, Result<String, String>)> {
    let (mut number, mut broken) = (0, false);
    let next = move || loop {
        if broken {
            return None;
        }
        let mut line = Vec::new();
        number += 1;
        match text.read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => {
                broken = true;
                return Some((number, Err(error.to_string())));
            }
        }
        let line = match String::from_utf8(line) {
            Ok(line) => line,
            Err(_) => return Some((number, Err("not UTF-8".to_owned()))),
        };
        // editors of one system put a mark of the encoding in front of the first line
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line).trim();
        if !line.is_empty() {
            return Some((number, Ok(line.to_owned())));
        }
    };
    std::iter::from_fn(next)
}
