//! Stages: their inputs, what they wrote, and whether it still serves.
//!
//! A stage named `S` owns, in its round's folder, `S.manifest.json`, `S.parts.json` while it is
//! being written, and either files `S.extension` or a folder `S`. It owns nothing else, and a
//! manifest that lists anything else is refused.

mod canonical;
mod draft;
mod file_record;
mod inputs;
mod journal;
mod manifest;
mod reason;
mod status;

use std::path::{Path, PathBuf};

pub use canonical::canonical;
pub use draft::Draft;
pub use file_record::FileRecord;
pub use inputs::Inputs;
pub(crate) use journal::Journal;
pub use manifest::Manifest;
pub use reason::Reason;
pub use status::Status;

/// What the names of manifests end with.
pub(crate) const MANIFEST: &str = ".manifest.json";
/// What the names of journals end with.
pub(crate) const JOURNAL: &str = ".parts.json";

/// The place of one stage of one round. Nothing need be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    folder: PathBuf,
    round: u32,
    name: String,
}

impl Stage {
    /// `name` is one of lowercase letters, digits and hyphens, for example `attempted`.
    pub(crate) fn new(folder: PathBuf, round: u32, name: &str) -> Self {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        debug_assert!(!name.is_empty() && name.chars().all(plain), "not a stage's name: {name}");
        Stage { folder, round, name: name.to_owned() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its round.
    pub fn round(&self) -> u32 {
        self.round
    }

    /// The round's folder: the paths in manifests start there.
    pub fn round_folder(&self) -> &Path {
        &self.folder
    }

    /// Where its files are if it writes several: `round-003/learned`.
    pub fn folder(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Where its file with this extension is if it writes one: `round-003/asked.parquet`.
    pub fn file(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// Where its manifest is.
    pub fn manifest_path(&self) -> PathBuf {
        self.folder.join(format!("{}{MANIFEST}", self.name))
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.folder.join(format!("{}{JOURNAL}", self.name))
    }

    /// Its manifest, whatever its inputs were; the files are not looked at.
    pub fn manifest(&self) -> Result<Manifest, Reason> {
        Manifest::read(&self.manifest_path(), &self.name, self.round)
    }

    /// Where the parts that a manifest lists are, in order.
    pub fn parts(&self, manifest: &Manifest) -> Vec<PathBuf> {
        self.beside(manifest, draft::PART)
    }

    /// Where the files are that lie beside the parts by this word, for example `trees`.
    pub fn beside(&self, manifest: &Manifest, word: &str) -> Vec<PathBuf> {
        let of_word = |path: &str| draft::numbered_of(path).is_some_and(|(found, _)| found == word);
        let files = manifest.files.iter().filter(|file| of_word(&file.path));
        files.map(|file| self.folder.join(&file.path)).collect()
    }
}
