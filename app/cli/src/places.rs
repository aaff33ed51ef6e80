//! Where runs are, and models.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use faults::Outcome;
use store::RunFolder;

/// The folder of runs, below the working directory.
pub(crate) const RUNS: &str = "runs";

/// What stands for the newest run.
const LATEST: &str = "latest";

/// The run that was typed: a folder, the name of one in `runs`, or `latest`.
pub(crate) fn run(typed: &Path) -> Outcome<PathBuf> {
    if typed == Path::new(LATEST) && !typed.is_dir() {
        return Ok(store::latest(Path::new(RUNS))?.path().to_owned());
    }
    let below = Path::new(RUNS).join(typed);
    let path = if !typed.exists() && below.is_dir() { below } else { typed.to_owned() };
    Ok(RunFolder::read_only(&path)?.path().to_owned())
}

/// Reads the place of a model: a path, or a name that is known.
pub(crate) fn model() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|typed| networks::named(&typed))
}

/// A run folder's name.
pub(crate) fn name(run: &Path) -> String {
    run.file_name().map_or_else(|| run.display().to_string(), |name| name.to_string_lossy().into_owned())
}
