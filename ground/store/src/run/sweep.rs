use std::path::Path;

use super::RunFolder;
use super::folder::round_number;
use crate::disk::{Disk, TEMPORARY};
use crate::error::Result;
use crate::read::entries;
use crate::stage::{JOURNAL, MANIFEST};

/// Removes what a crash left: temporary files, and the journals of stages that did commit. Looks
/// nowhere but in the folders that runs have.
pub(super) fn sweep(disk: &Disk, run: &RunFolder) -> Result<()> {
    sweep_temporary(disk, run.path())?;
    for (path, name) in entries(run.path())? {
        if round_number(&name).is_some() && path.is_dir() {
            sweep_round(disk, &path)?;
        }
    }
    Ok(())
}

fn sweep_round(disk: &Disk, round: &Path) -> Result<()> {
    sweep_temporary(disk, round)?;
    for (path, name) in entries(round)? {
        if path.is_dir() {
            sweep_temporary(disk, &path)?;
        }
        let committed = |stage: &str| round.join(format!("{stage}{MANIFEST}")).is_file();
        if name.strip_suffix(JOURNAL).is_some_and(committed) {
            disk.remove(&path)?;
        }
    }
    Ok(())
}

fn sweep_temporary(disk: &Disk, folder: &Path) -> Result<()> {
    let mut left = entries(folder)?.into_iter().filter(|(_, name)| name.starts_with(TEMPORARY));
    left.try_for_each(|(path, _)| disk.remove(&path))
}
