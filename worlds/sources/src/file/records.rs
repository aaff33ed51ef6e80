//! The records of a data file.

use std::path::Path;

use serde_json::{Map, Value};

use super::record::Record;
use super::shape;
use crate::fault::WorldFault;
use crate::options::Options;
use crate::rows::{Rows, exact, whole};

/// The records of a file, in order. Empty lines are skipped.
pub(crate) fn read(path: &Path, options: &Options) -> Result<Vec<Record>, WorldFault> {
    let mut records = Vec::new();
    for row in Rows::open(path, &options.columns)? {
        let row = row?;
        let bad = |problem| WorldFault::bad_line(path, row.number, problem, Some(hint()));
        records.push(parse(&row.text, options, folder_of(path)).map_err(bad)?);
    }
    if records.is_empty() { Err(WorldFault::Empty { path: path.to_owned() }) } else { Ok(records) }
}

/// Where the paths of a data file's pictures begin.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// The column of tests whose numbers are handed to programs as numbers.
const TESTS: &str = "input_output";

/// The record on a line. Paths of pictures are relative to `folder`.
pub(crate) fn parse(line: &str, options: &Options, folder: &Path) -> Result<Record, String> {
    let bad = |error| format!("not a JSON record: {error}");
    let mut record: Map<String, Value> = serde_json::from_str(&exact(line)).map_err(bad)?;
    if let Some(tests) = record.get_mut(TESTS).filter(|tests| tests.is_object()) {
        let mut numbers: Map<String, Value> = serde_json::from_str(&whole(line)).map_err(bad)?;
        *tests = numbers.remove(TESTS).unwrap_or_default();
    }
    shape::record(&record, options, folder)
}

fn hint() -> String {
    r#"One record is, for example, {"question": "…", "answer": "…"}; `--columns question=OWN,answer=OWN` gives other names."#
        .to_owned()
}
