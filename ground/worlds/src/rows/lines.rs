//! Lines of text, one at a time, none longer than a bound.

use std::io::{self, BufRead, ErrorKind, Read};

/// The longest line there may be: one that holds a book, not one that fills the memory.
const LONGEST: u64 = 64 << 20;

/// Lines that are not empty, with their numbers.
pub(super) struct Lines<R> {
    text: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(text: R) -> Self {
        Lines { text, number: 0 }
    }

    /// The next line that is not blank, with its number from 1.
    pub(super) fn next_line(&mut self) -> io::Result<Option<(u64, String)>> {
        loop {
            let mut line = Vec::new();
            if self.text.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let invalid = |why: &str| io::Error::new(ErrorKind::InvalidData, format!("line {}: {why}", self.number));
            if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
                return Err(invalid("longer than 64 MiB"));
            }
            let line = String::from_utf8(line).map_err(|_| invalid("not UTF-8"))?;
            // Editors of one system put a mark of the encoding in front of the first line.
            let line = line.strip_prefix('\u{feff}').unwrap_or(&line).trim();
            if !line.is_empty() {
                return Ok(Some((self.number, line.to_owned())));
            }
        }
    }
}
