use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use nouns::{Digest, Image};
use serde::Serialize;
use serde_json::Value;

use super::file_record::belongs_to;
use super::{FileRecord, Inputs, Journal, Manifest, Reason, Stage};
use crate::disk::{Disk, TEMPORARY};
use crate::error::{Error, Result};
use crate::media;
use crate::read::entries;

/// A stage that is being written. Dropping it without [`Draft::commit`] leaves what a crash would:
/// the committed parts.
///
/// The finished folder is bit for bit the same with and without a crash in between:
/// - a part is renamed into place whole and only then entered in the journal (itself replaced by
///   rename), so a part that the journal lists is whole, and what it does not list is removed when
///   the stage is begun again;
/// - parts are numbered by the work, not by the run of the program, and hold nothing that a
///   repetition would not;
/// - the manifest lists files sorted by path, with the facts that were noted per part, and then the
///   journal goes.
#[derive(Debug)]
pub struct Draft<'run> {
    disk: &'run Disk,
    stage: Stage,
    inputs: Inputs,
    fingerprint: Digest,
    files: BTreeMap<String, FileRecord>,
    lost: Vec<Reason>,
}

impl<'run> Draft<'run> {
    /// Begins a stage: keeps the good parts of an interrupted or damaged run of the same stage with
    /// the same inputs, and clears the rest away.
    ///
    /// In this order, so that a crash in between loses no part that is kept: the journal of what is
    /// kept, then the manifest goes (from here on the old output does not exist), then the files.
    pub(crate) fn begin(disk: &'run Disk, stage: &Stage, inputs: &Inputs) -> Result<Self> {
        let mut draft = Draft {
            disk,
            stage: stage.clone(),
            inputs: inputs.clone(),
            fingerprint: inputs.fingerprint(stage.name(), stage.round()),
            files: BTreeMap::new(),
            lost: Vec::new(),
        };
        disk.create_folder(stage.round_folder())?;
        draft.keep_good_parts();
        draft.write_journal()?;
        disk.remove(&stage.manifest_path())?;
        disk.sync_folder(stage.round_folder())?;
        draft.clear_away()?;
        Ok(draft)
    }

    /// The parts that are there already, by number, with the facts noted for them.
    pub fn kept(&self) -> BTreeMap<u32, &FileRecord> {
        self.files.values().filter_map(|file| Some((part_number(&file.path)?, file))).collect()
    }

    /// What was wrong with parts that had to be dropped.
    pub fn lost(&self) -> &[Reason] {
        &self.lost
    }

    /// Writes what belongs beside a part, for example `trees`: it is committed with the part, which
    /// must come next, and dropped with it.
    pub fn beside(&mut self, word: &str, number: u32, bytes: &[u8]) -> Result<()> {
        self.disk.create_folder(&self.stage.folder())?;
        self.put(format!("{}/{}", self.stage.name(), numbered(word, number)), bytes, Value::Null)
    }

    /// Copies the pictures that the next rows refer to into the run's own folder, where readers of
    /// the rows find them.
    pub fn keep<'a>(&self, images: impl Iterator<Item = &'a Image>) -> Result<()> {
        let round = self.stage.round_folder();
        media::keep(self.disk, round.parent().unwrap_or(round), images)
    }

    /// Commits a part: once this returns, a crash does not lose it. `facts` is handed back by
    /// [`Draft::kept`]; it must not hold times.
    pub fn part(&mut self, number: u32, bytes: &[u8], facts: Value) -> Result<()> {
        self.disk.create_folder(&self.stage.folder())?;
        self.put(format!("{}/{}", self.stage.name(), part_name(number)), bytes, facts)?;
        self.write_journal()
    }

    /// Writes the stage's file with this extension: `asked.parquet`.
    pub fn file(&mut self, extension: &str, bytes: &[u8]) -> Result<()> {
        self.put(format!("{}.{extension}", self.stage.name()), bytes, Value::Null)
    }

    /// Writes the stage's JSON file: `measured.json`.
    pub fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let encoded = serde_json::to_vec_pretty(value);
        let mut bytes = encoded.map_err(|e| Error::Encode { what: "JSON", why: e.to_string() })?;
        bytes.push(b'\n');
        self.file("json", &bytes)
    }

    /// Writes the stage's folder of files, for example a model: it appears with all of them at
    /// once.
    pub fn folder(&mut self, files: &[(&str, &[u8])]) -> Result<()> {
        for (name, bytes) in files {
            let path = self.owned(format!("{}/{name}", self.stage.name()))?;
            self.files.insert(path.clone(), FileRecord::new(&path, bytes, Value::Null));
        }
        self.disk.remove(&self.stage.folder())?;
        self.disk.write_folder(&self.stage.folder(), files)
    }

    /// Makes the output exist. `facts` must be what a repetition would say too; what the clock says
    /// goes into `timing`.
    pub fn commit(self, facts: Value, timing: Value) -> Result<Manifest> {
        let files = self.files.into_values().collect();
        let manifest = Manifest::new(self.stage.name(), self.stage.round(), self.inputs, files, facts, timing);
        self.disk.write_json(&self.stage.manifest_path(), &manifest)?;
        self.disk.remove(&self.stage.journal_path())?;
        Ok(manifest)
    }

    fn put(&mut self, path: String, bytes: &[u8], facts: Value) -> Result<()> {
        let path = self.owned(path)?;
        self.disk.write_file(&self.stage.round_folder().join(&path), bytes)?;
        self.files.insert(path.clone(), FileRecord::new(&path, bytes, facts));
        Ok(())
    }

    fn owned(&self, path: String) -> Result<String> {
        match belongs_to(&path, self.stage.name()) {
            true => Ok(path),
            false => Err(Error::Name { stage: self.stage.name().to_owned(), name: path }),
        }
    }

    /// Keeps the parts that are whole, and whose company is whole too.
    fn keep_good_parts(&mut self) {
        let mut bad = BTreeSet::new();
        for part in self.recorded_parts() {
            match part.verify(self.stage.round_folder()) {
                Some(reason) => {
                    bad.extend(number_of(&part.path));
                    self.lost.push(reason);
                }
                None => drop(self.files.insert(part.path.clone(), part)),
            }
        }
        let parts: BTreeSet<u32> = self.kept().into_keys().collect();
        self.files.retain(|path, _| number_of(path).is_some_and(|at| parts.contains(&at) && !bad.contains(&at)));
    }

    /// The parts written earlier from the same inputs. A manifest, where there is one, knows best:
    /// a journal beside it is older.
    fn recorded_parts(&self) -> Vec<FileRecord> {
        let (fingerprint, mut parts) = match (self.stage.manifest(), Journal::read(&self.stage)) {
            (Ok(manifest), _) => (manifest.fingerprint, manifest.files),
            (Err(Reason::NeverRan), Some(journal)) => (journal.fingerprint, journal.parts),
            _ => return Vec::new(),
        };
        parts.retain(|file| number_of(&file.path).is_some());
        if fingerprint == self.fingerprint { parts } else { Vec::new() }
    }

    fn write_journal(&self) -> Result<()> {
        let parts = self.files.values().filter(|file| number_of(&file.path).is_some()).cloned().collect();
        let journal = Journal { fingerprint: self.fingerprint.clone(), parts };
        self.disk.write_json(&self.stage.journal_path(), &journal)
    }

    /// Removes everything that belongs to the stage and is not kept.
    fn clear_away(&self) -> Result<()> {
        let name = self.stage.name();
        for (path, entry) in entries(self.stage.round_folder())? {
            let bare = entry.strip_prefix(TEMPORARY).unwrap_or(&entry);
            let own = bare == name || bare.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            if own && entry == name && !self.files.is_empty() {
                self.clear_folder(&path)?;
            } else if own && path != self.stage.journal_path() {
                self.disk.remove(&path)?;
            }
        }
        Ok(())
    }

    fn clear_folder(&self, folder: &Path) -> Result<()> {
        for (path, entry) in entries(folder)? {
            if !self.files.contains_key(&format!("{}/{entry}", self.stage.name())) {
                self.disk.remove(&path)?;
            }
        }
        Ok(())
    }
}

/// What the names of parts begin with.
pub(super) const PART: &str = "part";

fn part_name(number: u32) -> String {
    numbered(PART, number)
}

fn numbered(word: &str, number: u32) -> String {
    format!("{word}-{number:04}.parquet")
}

/// The word and the number of a numbered file, if the path is that of one.
pub(super) fn numbered_of(path: &str) -> Option<(&str, u32)> {
    let (_, name) = path.split_once('/')?;
    let (word, number) = name.strip_suffix(".parquet")?.rsplit_once('-')?;
    let number = number.parse().ok()?;
    (name == numbered(word, number)).then_some((word, number))
}

fn number_of(path: &str) -> Option<u32> {
    Some(numbered_of(path)?.1)
}

/// Whether the path is that of a part, not of what lies beside one.
pub(super) fn is_part(path: &str) -> bool {
    part_number(path).is_some()
}

/// The number of a part, if the path is that of one.
fn part_number(path: &str) -> Option<u32> {
    numbered_of(path).filter(|(word, _)| *word == PART).map(|(_, number)| number)
}
