//! The pictures of a run: each once, in the run's folder `media`, under the name of what it shows.
//! Rows hold their names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nouns::{Content, Image, Task, Trace, Turn};

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::read::{entries, read_bytes};

/// The folder of a run that holds its pictures.
const MEDIA: &str = "media";

/// How far above a file of rows the run's folder is, at most:
/// `RUN/round-003/attempted/part-0000.parquet`.
const DEPTH: usize = 3;

/// Keeps the pictures of a run that are not kept yet.
pub(crate) fn keep<'a>(disk: &Disk, run: &Path, images: impl Iterator<Item = &'a Image>) -> Result<()> {
    let folder = run.join(MEDIA);
    for image in images {
        let path = folder.join(image.file_name());
        if !path.exists() {
            disk.create_folder(&folder)?;
            disk.write_file(&path, image.bytes())?;
        }
    }
    Ok(())
}

/// Copies the pictures of one run to another that takes over stages of it.
pub(crate) fn adopt(disk: &Disk, from: &Path, to: &Path) -> Result<()> {
    let (from, to) = (from.join(MEDIA), to.join(MEDIA));
    let kept = if from.is_dir() { entries(&from)? } else { Vec::new() };
    for (path, name) in kept.into_iter().filter(|(_, name)| !to.join(name).exists()) {
        disk.create_folder(&to)?;
        disk.write_file(&to.join(name), &read_bytes(&path)?)?;
    }
    Ok(())
}

/// Rows that may hold pictures.
pub(crate) trait Pictured {
    /// Everything that may hold one.
    fn contents(&mut self) -> impl Iterator<Item = &mut Content>;
}

impl Pictured for Task {
    fn contents(&mut self) -> impl Iterator<Item = &mut Content> {
        said(&mut self.prompt)
    }
}

impl Pictured for Trace {
    fn contents(&mut self) -> impl Iterator<Item = &mut Content> {
        let played = self.episode.iter_mut().flat_map(|episode| &mut episode.turns);
        let played = played.flat_map(|turn| said(&mut turn.observation).chain([&mut turn.action]));
        let shown = said(&mut self.generated_under).chain(said(&mut self.trained_under));
        shown.chain([&mut self.answer]).chain(played)
    }
}

fn said(turns: &mut [Turn]) -> impl Iterator<Item = &mut Content> {
    turns.iter_mut().map(|turn| &mut turn.content)
}

/// The rows of the file at `path`, with the bytes of their pictures.
pub(crate) fn whole<T: Pictured>(path: &Path, mut rows: Vec<T>) -> Result<Vec<T>> {
    let mut bytes = Bytes { path, found: HashMap::new() };
    let parts = rows.iter_mut().flat_map(Pictured::contents).flat_map(|content| &mut content.0);
    for image in parts.flat_map(|part| part.images_mut()) {
        *image = bytes.of(image)?;
    }
    Ok(rows)
}

/// The pictures that rows of a file name.
struct Bytes<'a> {
    path: &'a Path,
    found: HashMap<String, Arc<[u8]>>,
}

impl Bytes<'_> {
    fn of(&mut self, image: &Image) -> Result<Image> {
        let name = image.file_name();
        if let Some(bytes) = self.found.get(&name) {
            return Ok(image.clone().with_bytes(bytes.clone()));
        }
        let path = self.kept(&name)?;
        let bytes: Arc<[u8]> = read_bytes(&path)?.into();
        let whole = pictures::whole(image.clone(), bytes.clone()).map_err(|why| Error::malformed(&path, why))?;
        self.found.insert(name, bytes);
        Ok(whole)
    }

    fn kept(&self, name: &str) -> Result<PathBuf> {
        let above = self.path.ancestors().skip(1).take(DEPTH).map(|folder| folder.join(MEDIA).join(name));
        let missing = || Error::malformed(self.path, format!("the picture {name} that it names is not in `{MEDIA}`"));
        above.into_iter().find(|path| path.is_file()).ok_or_else(missing)
    }
}
