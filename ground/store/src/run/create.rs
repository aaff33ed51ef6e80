use std::path::{Path, PathBuf};

use serde::Serialize;

use super::environment::{self, COPY, ENVIRONMENT};
use super::name::{NewRun, run_name, today};
use super::{RECIPE, RunFolder, RunWriter};
use crate::disk::{Disk, TEMPORARY};
use crate::error::{Error, Result};
use crate::lock::{LOCK, Lock};
use crate::read::entries;

/// Where a new run goes.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// Into a new folder below this one, usually `runs`.
    Under(&'a Path),
    /// Exactly here (`--out DIR`): must be absent or empty.
    Exactly(&'a Path),
}

impl RunFolder {
    /// Makes a run and takes its lock. Never writes over anything.
    ///
    /// `recipe.toml` is written last: a folder that has it is a run.
    pub fn create(disk: Disk, place: Place, run: &NewRun, environment: &impl Serialize) -> Result<RunWriter> {
        let path = match place {
            Place::Under(root) => new_folder(&disk, root, run)?,
            Place::Exactly(path) => empty_folder(&disk, path)?,
        };
        let lock = Lock::take(&disk, &path)?;
        must_be_empty(&path)?; // another process may have made its run here before this one had the lock
        environment::write(&disk, &path, environment)?;
        disk.write_file(&path.join(RECIPE), run.recipe_toml.as_bytes())?;
        Ok(RunWriter::new(RunFolder::at(&path), disk, lock))
    }
}

/// A folder that was not there before.
fn new_folder(disk: &Disk, root: &Path, run: &NewRun) -> Result<PathBuf> {
    disk.create_folder(root)?;
    let date = today();
    let mut clash = 0;
    loop {
        let path = root.join(run_name(date, run, clash));
        if disk.create_new_folder(&path)? {
            return Ok(path);
        }
        clash += 1;
    }
}

fn empty_folder(disk: &Disk, path: &Path) -> Result<PathBuf> {
    disk.create_folder(path)?;
    must_be_empty(path)?;
    Ok(path.to_owned())
}

/// What a crash while a run was being made leaves counts as nothing.
fn must_be_empty(path: &Path) -> Result<()> {
    let leftover = |name: &str| [LOCK, ENVIRONMENT, COPY].contains(&name) || name.starts_with(TEMPORARY);
    let names: Vec<String> = entries(path)?.into_iter().map(|(_, name)| name).collect();
    match names.iter().all(|name| leftover(name)) {
        true => Ok(()),
        false => Err(Error::NotEmpty { path: path.to_owned(), is_run: names.iter().any(|name| name == RECIPE) }),
    }
}
