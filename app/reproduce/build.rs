//! Embeds every file of `reproductions/`: a new reproduction is one file and nothing else.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    embed("reproductions", "reproductions.rs");
}

/// Writes the list of a folder's TOML files, by name, with their text.
fn embed(folder: &str, list: &str) {
    let place = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("../..").join(folder);
    println!("cargo::rerun-if-changed={}", place.display());
    let mut files: Vec<PathBuf> = fs::read_dir(&place)
        .unwrap_or_else(|error| panic!("the folder {folder}/: {error}"))
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let line = |path: &PathBuf| {
        let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
        format!("    ({name:?}, include_str!({:?})),\n", path.canonicalize().expect("a file"))
    };
    let lines: String = files.iter().map(line).collect();
    let out = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join(list);
    fs::write(out, format!("&[\n{lines}]\n")).expect("the build folder can be written");
}
