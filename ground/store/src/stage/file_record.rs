use std::fs::File;
use std::io;
use std::path::{Component, Path};

use nouns::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Reason;

/// What a manifest says about one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its path within the round's folder, with `/` between names.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The BLAKE3 digest of its content.
    pub blake3: Digest,
    /// What the stage wants to know about this part when it goes on after a crash: counts and cost.
    /// No times, since a resumed run writes the same manifest.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub facts: Value,
}

impl FileRecord {
    pub(crate) fn new(path: &str, content: &[u8], facts: Value) -> Self {
        FileRecord { path: path.to_owned(), bytes: content.len() as u64, blake3: Digest::of(content), facts }
    }

    /// Whether the path stays in what the stage may write: `STAGE.extension`, or a file in the
    /// folder `STAGE`.
    pub(crate) fn belongs_to(&self, stage: &str) -> bool {
        belongs_to(&self.path, stage)
    }

    /// What is wrong with the file at first sight: whether it is there and its length.
    pub(crate) fn look(&self, round: &Path) -> Option<Reason> {
        let path = self.path.clone();
        let found = match std::fs::metadata(round.join(&self.path)) {
            Ok(metadata) => metadata.len(),
            Err(error) => return Some(self.unreadable(&error)),
        };
        match found {
            found if found < self.bytes => Some(Reason::FileTruncated { path, expected: self.bytes, found }),
            found if found > self.bytes => Some(Reason::FileChanged { path }),
            _ => None,
        }
    }

    /// What is wrong with the file when all of it is read.
    pub(crate) fn verify(&self, round: &Path) -> Option<Reason> {
        self.look(round).or_else(|| match digits_of(&round.join(&self.path)) {
            Ok(digits) if digits == self.blake3.hex() => None,
            Ok(_) => Some(Reason::FileChanged { path: self.path.clone() }),
            Err(error) => Some(self.unreadable(&error)),
        })
    }

    fn unreadable(&self, error: &io::Error) -> Reason {
        let path = self.path.clone();
        match error.kind() {
            io::ErrorKind::NotFound => Reason::FileMissing { path },
            _ => Reason::FileUnreadable { path, why: error.to_string() },
        }
    }
}

/// Whether a path in a round's folder is one that the stage may write, wherever it came from.
pub(crate) fn belongs_to(path: &str, stage: &str) -> bool {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let names: Vec<&str> = path.split('/').collect();
    let own = match names.as_slice() {
        [file] => file.strip_prefix(stage).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.')),
        [folder, name] => *folder == stage && !name.is_empty() && !name.starts_with('.'),
        _ => false,
    };
    own && plain
        && !path.contains(['\\', ':', '\0'])
        && !path.ends_with(".manifest.json")
        && !path.ends_with(".parts.json")
}

/// The digits of a file's digest. Reads in pieces: checkpoints can be larger than memory.
fn digits_of(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_owns_its_files_and_nothing_else() {
        for path in ["asked.parquet", "asked/part-0000.parquet", "asked/a.b"] {
            assert!(belongs_to(path, "asked"), "{path}");
        }
        for path in [
            "",
            "asked",
            "asked.",
            "asked/",
            "asked//a",
            "asked/..",
            "asked/../gate.json",
            "asked/a/b",
            "/asked/a",
            "../asked.parquet",
            "../../x",
            "chosen.parquet",
            "asked-2.parquet",
            "asked\\..\\x",
            "asked/c:x",
            "asked/.tmp-a",
            "asked.manifest.json",
            "asked.parts.json",
            "./asked.parquet",
            "asked/./a",
        ] {
            assert!(!belongs_to(path, "asked"), "{path}");
        }
    }
}
