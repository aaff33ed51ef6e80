//! The project's own checks: `cargo xtask tidy`.

mod imports;
mod source;
mod tidy;
mod tree;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask tidy [--list]

  tidy          check the invariants of ARCHITECTURE.md and STYLE.md that a program can check
  tidy --list   say what is checked";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["tidy"] => tidy(),
        ["tidy", "--list"] => {
            tidy::CHECKS.iter().for_each(|check| println!("{:<16} {}", check.name, check.about));
            ExitCode::SUCCESS
        }
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

/// Checks the workspace this program was built from.
fn tidy() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tree = match tree::Tree::read(&root) {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("error: cannot read {}: {error}", root.display());
            return ExitCode::FAILURE;
        }
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
