//! Where `unsafe` may stand.

use super::{Check, Finding};
use crate::source::has_words;
use crate::tree::Tree;

pub(super) const CHECK: Check = Check { name: "unsafe", about: "`unsafe` only in kernels and sandbox", check };

/// Vector instructions, and system calls.
const ALLOWED: [&str; 2] = ["ground/kernels", "ground/sandbox"];

const WHY: &str = "what must be read with the language's rules in hand is kept in two crates";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust_files().iter().filter(|file| !ALLOWED.contains(&file.member)) {
        let lines = file.source.numbered().filter(|(_, line)| has_words(&line.code, "unsafe"));
        found.extend(lines.map(|(number, _)| Finding::at(file.path, number, "`unsafe` outside its two crates", WHY)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_counts_and_only_as_code() {
        let tree = Tree::of(&[
            ("ground/kernels/Cargo.toml", ""),
            ("ground/kernels/src/lib.rs", "unsafe fn a() {}\n"),
            ("ground/store/Cargo.toml", ""),
            ("ground/store/src/lib.rs", "// unsafe\n#![deny(unsafe_code)]\nf(\"unsafe\");\nunsafe { f() }\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        assert_eq!(found, ["ground/store/src/lib.rs:4 `unsafe` outside its two crates"]);
    }
}
