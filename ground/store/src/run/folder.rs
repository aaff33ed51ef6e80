use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use super::environment::{self, ENVIRONMENT};
use super::{EVENTS, RECIPE};
use crate::error::{Error, Result};
use crate::read::{entries, read_text};
use crate::stage::Stage;

/// A run, for reading: takes no lock, and may be used while another process writes the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Opens a run for reading.
    pub fn read_only(path: &Path) -> Result<RunFolder> {
        let not_a_run = |why| Err(Error::NotARun { path: path.to_owned(), why });
        match path {
            _ if path.join(RECIPE).is_file() => Ok(RunFolder::at(path)),
            _ if path.join(ENVIRONMENT).is_file() => not_a_run("it was interrupted while it was being made"),
            _ if path.is_dir() => not_a_run("it has no recipe.toml"),
            _ => not_a_run("there is no such folder"),
        }
    }

    pub(super) fn at(path: &Path) -> RunFolder {
        RunFolder { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The recipe as it was written down, with every override in it.
    pub fn recipe_toml(&self) -> Result<String> {
        read_text(&self.recipe_path())
    }

    /// Where the recipe is.
    pub fn recipe_path(&self) -> PathBuf {
        self.path.join(RECIPE)
    }

    /// The machine and the program that made the run.
    pub fn environment<T: DeserializeOwned>(&self) -> Result<T> {
        environment::read(&self.path)
    }

    /// Where the event stream is.
    pub fn events_path(&self) -> PathBuf {
        self.path.join(EVENTS)
    }

    /// The rounds that have a folder, in order.
    pub fn rounds(&self) -> Result<Vec<u32>> {
        let entries = entries(&self.path)?;
        let mut rounds: Vec<u32> = entries.iter().filter_map(|(_, name)| round_number(name)).collect();
        rounds.sort_unstable(); // from round 1000 on, names do not sort as numbers do
        Ok(rounds)
    }

    /// The folder of a round, there or not.
    pub fn round_folder(&self, round: u32) -> PathBuf {
        self.path.join(round_name(round))
    }

    /// The place of a stage; `name` is one of lowercase letters, digits and hyphens, for example
    /// `attempted`.
    pub fn stage(&self, round: u32, name: &str) -> Stage {
        Stage::new(self.round_folder(round), round, name)
    }
}

/// The run below `root` that was made, or whose recipe was edited, last.
pub fn latest(root: &Path) -> Result<RunFolder> {
    let no_runs = || Error::NoRuns { root: root.to_owned() };
    let folders = if root.is_dir() { entries(root)? } else { Vec::new() };
    let made = folders.into_iter().filter_map(|(path, _)| Some((made_at(&path)?, path)));
    made.max().map(|(_, path)| RunFolder::at(&path)).ok_or_else(no_runs)
}

fn made_at(run: &Path) -> Option<SystemTime> {
    run.join(RECIPE).metadata().ok()?.modified().ok()
}

fn round_name(round: u32) -> String {
    format!("round-{round:03}")
}

pub(super) fn round_number(name: &str) -> Option<u32> {
    let round = name.strip_prefix("round-")?.parse().ok()?;
    (name == round_name(round)).then_some(round)
}
