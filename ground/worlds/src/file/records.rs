//! The records of a data file: JSON lines, plain or compressed with gzip.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use nouns::{Split, Turn};
use serde_json::{Map, Value};

use super::shape;
use crate::catalogue::Options;
use crate::fault::WorldFault;

/// One line of a data file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// What is asked.
    pub(crate) prompt: Vec<Turn>,
    /// The reference answer, if there is one.
    pub(crate) answer: Option<String>,
    /// The split it says it belongs to.
    pub(crate) split: Option<Split>,
    /// Whether it is a multiple choice; the reference is then a letter.
    pub(crate) choices: bool,
}

/// The most bytes that a file may hold once it is uncompressed.
const LARGEST: u64 = 4 << 30;

/// The records of a file, in order. Empty lines are skipped.
pub(crate) fn read(path: &Path, options: &Options) -> Result<Vec<Record>, WorldFault> {
    let text = text(path)?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let records = lines.map(|(number, line)| {
        parse(line, options).map_err(|problem| WorldFault::bad_line(path, number, problem, Some(hint())))
    });
    let records = records.collect::<Result<Vec<_>, _>>()?;
    if records.is_empty() { Err(WorldFault::Empty { path: path.to_owned() }) } else { Ok(records) }
}

/// The record on a line.
pub(crate) fn parse(line: &str, options: &Options) -> Result<Record, String> {
    let record: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("not a JSON record: {error}"))?;
    shape::record(&record, options)
}

/// The text of a file, uncompressed if it begins as gzip does.
fn text(path: &Path) -> Result<String, WorldFault> {
    let unreadable = |source| WorldFault::Unreadable { path: path.to_owned(), source };
    let bytes = fs_err::read(path).map_err(unreadable)?;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut whole = Vec::new();
        MultiGzDecoder::new(&bytes[..]).take(LARGEST).read_to_end(&mut whole).map_err(unreadable)?;
        whole
    } else {
        bytes
    };
    let invalid = |error| unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, error));
    String::from_utf8(bytes).map_err(invalid)
}

fn hint() -> String {
    r#"One JSON object a line, for example {"question": "…", "answer": "…"}."#.to_owned()
}
