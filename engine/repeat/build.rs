//! Embeds every file of `recipes/`: a new method is one file and nothing else.

use std::path::Path;
use std::{env, fs};

fn main() {
    let recipes = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("../../recipes");
    println!("cargo::rerun-if-changed={}", recipes.display());
    let mut files: Vec<_> = fs::read_dir(&recipes)
        .expect("the folder recipes/")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let line = |path: &std::path::PathBuf| {
        let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
        format!("    ({name:?}, include_str!({:?})),\n", path.canonicalize().expect("a recipe"))
    };
    let lines: String = files.iter().map(line).collect();
    let out = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join("library.rs");
    fs::write(out, format!("&[\n{lines}]\n")).expect("the build folder can be written");
}
