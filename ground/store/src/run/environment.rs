//! What a person asked of a run, and the machine and program that made it. Nothing could make it
//! again, so it is kept twice: in the second file whatever happens to the first.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::read::read_json;

/// Machine and program, and what was asked for.
pub(crate) const ENVIRONMENT: &str = "environment.json";

/// The same once more.
pub(crate) const COPY: &str = ".environment.json";

/// Writes both.
pub(super) fn write(disk: &Disk, run: &Path, environment: &impl Serialize) -> Result<()> {
    disk.write_json(&run.join(COPY), environment)?;
    disk.write_json(&run.join(ENVIRONMENT), environment)
}

/// Reads the first that can be read.
pub(super) fn read<T: DeserializeOwned>(run: &Path) -> Result<T> {
    let lost = |error: Error| match error {
        Error::Malformed { path, why } => Error::Lost { path, why },
        other => Error::Lost { path: run.join(ENVIRONMENT), why: other.to_string() },
    };
    read_json(&run.join(ENVIRONMENT)).or_else(|error| read_json(&run.join(COPY)).map_err(|_| lost(error)))
}

/// Makes the first again out of the second, if it cannot be read.
pub(super) fn heal(disk: &Disk, run: &Path) -> Result<()> {
    let path = run.join(ENVIRONMENT);
    match (read_json::<Value>(&path), std::fs::read(run.join(COPY))) {
        (Err(_), Ok(bytes)) if serde_json::from_slice::<Value>(&bytes).is_ok() => disk.write_file(&path, &bytes),
        _ => Ok(()),
    }
}
