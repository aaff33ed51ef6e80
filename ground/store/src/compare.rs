use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::lock::LOCK;
use crate::read::entries;

/// The key under which JSON files and events keep what the clock says.
const TIMING: &str = "timing";

/// The value without what the clock says: without every field named `timing`, at any depth.
#[must_use]
pub fn without_timing(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| name != TIMING);
            Value::Object(kept.map(|(name, value)| (name, without_timing(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_timing).collect()),
        leaf => leaf,
    }
}

/// In which files two run folders differ, as paths within them; none means the runs are identical.
///
/// Every byte counts, with two exceptions: `timing` and what `without_clock` takes away in `.json`
/// and `.jsonl` files, and the lock file, whose content only names the process that has the run
/// open.
pub fn differing_files(a: &Path, b: &Path, without_clock: fn(Value) -> Value) -> Result<Vec<String>> {
    let files: BTreeSet<String> = files_below(a)?.into_iter().chain(files_below(b)?).collect();
    let mut differing = Vec::new();
    for file in files.into_iter().filter(|file| file != LOCK) {
        if comparable(&a.join(&file), without_clock)? != comparable(&b.join(&file), without_clock)? {
            differing.push(file);
        }
    }
    Ok(differing)
}

/// Every file below a folder, as paths with `/`; folders without files count as well, with `/` at
/// the end.
fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for (path, name) in entries(folder)? {
        if path.is_dir() {
            files.push(format!("{name}/"));
            files.extend(files_below(&path)?.into_iter().map(|below| format!("{name}/{below}")));
        } else {
            files.push(name);
        }
    }
    Ok(files)
}

/// What counts of a file; `None` if it is not there.
fn comparable(path: &Path, without_clock: fn(Value) -> Value) -> Result<Option<Vec<u8>>> {
    if !path.exists() || path.is_dir() {
        return Ok(path.is_dir().then(Vec::new));
    }
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let lines: Vec<&[u8]> = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => vec![&bytes],
        Some("jsonl") => bytes.split(|&byte| byte == b'\n').collect(),
        _ => return Ok(Some(bytes)),
    };
    Ok(Some(lines.into_iter().flat_map(|line| timeless(line, without_clock)).collect()))
}

/// A JSON text without what the clock says, ended by a newline; a text that is not JSON as it is.
fn timeless(text: &[u8], without_clock: fn(Value) -> Value) -> Vec<u8> {
    match serde_json::from_slice(text) {
        Ok(value) => format!("{}\n", without_clock(without_timing(value))).into_bytes(),
        Err(_) => text.to_vec(),
    }
}
