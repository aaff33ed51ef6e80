use std::io;
use std::path::Path;

use nouns::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::canonical;
use super::{FileRecord, Inputs, Reason};

/// The format that this program writes and reads.
const FORMAT: u32 = 1;

/// What a stage wrote and from what. A stage's output exists if and only if its manifest does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// The stage's name.
    pub stage: String,
    /// The round.
    pub round: u32,
    /// Names the output: the digest of stage, round and inputs.
    pub fingerprint: Digest,
    /// What the output depends on.
    pub inputs: Inputs,
    /// The files, sorted by path.
    pub files: Vec<FileRecord>,
    /// What the stage has to say about itself that a repetition would say too: counts, costs,
    /// decisions.
    pub facts: Value,
    /// The digest of all of the above, so that an altered manifest is noticed.
    pub seal: Digest,
    /// What the clock says: the only thing that a repetition may write differently. Enters no
    /// fingerprint and no comparison.
    pub timing: Value,
}

/// What the seal covers. (A struct of its own: forgetting a new field in one of the two does not
/// compile.)
#[derive(Serialize)]
struct Sealed<'a> {
    format: u32,
    stage: &'a str,
    round: u32,
    fingerprint: &'a Digest,
    inputs: &'a Inputs,
    files: &'a [FileRecord],
    facts: &'a Value,
}

impl Manifest {
    pub(crate) fn new(
        stage: &str,
        round: u32,
        inputs: Inputs,
        files: Vec<FileRecord>,
        facts: Value,
        timing: Value,
    ) -> Self {
        let fingerprint = inputs.fingerprint(stage, round);
        let (stage, seal) = (stage.to_owned(), Digest::of(b""));
        let mut manifest = Manifest { format: FORMAT, stage, round, fingerprint, inputs, files, facts, seal, timing };
        manifest.seal = manifest.computed_seal();
        manifest
    }

    /// Reads a manifest and checks that it is one: its format, its seal, that it speaks of this
    /// stage, and that every file it lists is the stage's own. Says nothing about the files.
    pub(crate) fn read(path: &Path, stage: &str, round: u32) -> Result<Manifest, Reason> {
        let bytes = std::fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Reason::NeverRan,
            _ => unreadable(&error),
        })?;
        let manifest = parse(&bytes)?;
        if let Some(file) = manifest.files.iter().find(|file| !file.belongs_to(stage)) {
            return Err(Reason::PathRefused { path: file.path.clone() });
        }
        let own = manifest.stage == stage && manifest.round == round;
        let true_to_itself = manifest.fingerprint == manifest.inputs.fingerprint(stage, round);
        match own && true_to_itself && manifest.seal == manifest.computed_seal() {
            true => Ok(manifest),
            false => Err(Reason::ManifestAltered),
        }
    }

    /// The file with this path within the round.
    pub fn file(&self, path: &str) -> Option<&FileRecord> {
        self.files.iter().find(|file| file.path == path)
    }

    fn computed_seal(&self) -> Digest {
        let Manifest { format, stage, round, fingerprint, inputs, files, facts, seal: _, timing: _ } = self;
        let sealed = Sealed { format: *format, stage, round: *round, fingerprint, inputs, files, facts };
        Digest::of(canonical(&serde_json::to_value(&sealed).unwrap_or_default()).as_bytes())
    }
}

fn parse(bytes: &[u8]) -> Result<Manifest, Reason> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {
            serde_json::from_value(value).map_err(|error| unreadable(&error))
        }
        Some(format) => Err(unreadable(&format!("it has format {format}, and this program reads format {FORMAT}"))),
        None => Err(unreadable(&"it does not say its format")),
    }
}

fn unreadable(why: &dyn std::fmt::Display) -> Reason {
    Reason::ManifestUnreadable { why: why.to_string() }
}
