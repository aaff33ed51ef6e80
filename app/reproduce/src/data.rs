//! Where the data file of a reproduction lies.

use std::path::{Path, PathBuf};

use crate::fault::ReproduceFault;

/// The file that a plan names, from the current folder or else from where data files are kept;
/// none where it names a world.
pub(crate) fn located(on: &str, data: &Path) -> Result<Option<PathBuf>, ReproduceFault> {
    if sources::catalogue().iter().any(|world| world.name == on) {
        return Ok(None);
    }
    let places = [PathBuf::from(on), data.join(on)];
    let found = places.into_iter().find(|path| path.is_file());
    found.map(Some).ok_or_else(|| ReproduceFault::NoData { on: on.to_owned(), data: data.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_file_is_found_where_data_files_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("sums.jsonl");
        std::fs::write(&file, "{}").expect("written");
        assert_eq!(located("sums.jsonl", folder.path()).expect("found"), Some(file.clone()));
        assert_eq!(located(&file.to_string_lossy(), Path::new("data")).expect("found"), Some(file));
        assert_eq!(located("arithmetic", folder.path()).expect("a world"), None);
        let missing = located("differences.jsonl", folder.path()).expect_err("it is not there").to_string();
        assert!(missing.contains("`differences.jsonl`") && missing.contains("in "), "{missing}");
    }
}
