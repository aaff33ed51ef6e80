//! What lies in a folder.

use std::path::Path;

use faults::Outcome;
use serde::Serialize;

use crate::fault::FolderFault;

/// A file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSize {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
}

/// The files of a folder, by name; folders within it, whose names end in a slash, are not looked
/// into. Of a file, that file.
pub(crate) fn files(folder: &Path) -> Outcome<Vec<FileSize>> {
    let fault = |source| FolderFault::Unreadable { path: folder.to_owned(), source };
    let about = std::fs::metadata(folder).map_err(fault)?;
    if about.is_file() {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(vec![FileSize { name, bytes: about.len() }]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // what a link points to counts: caches of models are made of them
        let about =
            std::fs::metadata(&path).map_err(|source| FolderFault::Unreadable { path: path.clone(), source })?;
        files.push(match about.is_dir() {
            true => FileSize { name: format!("{name}/"), bytes: 0 },
            false => FileSize { name, bytes: about.len() },
        });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}
