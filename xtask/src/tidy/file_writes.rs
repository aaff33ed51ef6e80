//! Only `store` changes the file system.

use super::{Check, Finding};
use crate::source::{Source, has_words, identifiers};
use crate::tree::{Kind, Tree};

pub(super) const CHECK: Check =
    Check { name: "file-writes", about: "only store writes, renames or removes files", check };

/// Functions of `std::fs` and `fs_err` that change something.
const FUNCTIONS: [&str; 13] = [
    "write",
    "create_dir",
    "create_dir_all",
    "remove_file",
    "remove_dir",
    "remove_dir_all",
    "rename",
    "copy",
    "hard_link",
    "soft_link",
    "set_permissions",
    "symlink",
    "symlink_file",
];

/// Types, and functions of types, that open a file for writing.
const OPENERS: [&str; 6] =
    ["File::create", "File::create_new", "File::options", "OpenOptions", "DirBuilder", "NamedTempFile"];

const WHY: &str = "a stage's output exists if and only if its manifest does; one crate can hold to that, twenty cannot";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust_files().iter().filter(|file| file.kind == Kind::Product && file.member != "ground/store") {
        for (number, what) in writes(file.source) {
            found.push(Finding::at(file.path, number, format!("`{what}` outside store"), WHY));
        }
    }
    found
}

fn writes(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut importing = false; // between `use std::fs::` and its `;`
    for (number, line) in source.product() {
        let code = line.code.trim();
        importing |= ["use std::fs", "use fs_err", "use std::{"].iter().any(|start| code.contains(start));
        let called = FUNCTIONS.iter().map(|name| format!("fs::{name}"));
        let called = called.chain(FUNCTIONS.iter().map(|name| format!("fs_err::{name}")));
        let named = called.chain(OPENERS.map(String::from)).find(|pattern| has_words(code, pattern));
        let imported = || identifiers(code).map(|(_, word)| word).find(|word| importing && FUNCTIONS.contains(word));
        if let Some(what) = named.or_else(|| imported().map(String::from)) {
            found.push((number, what));
        }
        importing &= !code.ends_with(';');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let manifests = [("ground/store/Cargo.toml", ""), ("engine/learn/Cargo.toml", "")];
        check(&Tree::of(&[&manifests[..], &[(path, text)]].concat())).iter().map(Finding::short).collect()
    }

    #[test]
    fn writing_is_the_stores() {
        let text = "fs::write(p, b)?;\nlet f = File::create(p)?;\nstd::fs::read(p)?;\nuse std::fs::{\n    File,\n    rename,\n};\n";
        let expected = [
            "engine/learn/src/a.rs:1 `fs::write` outside store",
            "engine/learn/src/a.rs:2 `File::create` outside store",
            "engine/learn/src/a.rs:6 `rename` outside store",
        ];
        assert_eq!(found("engine/learn/src/a.rs", text), expected);
        assert_eq!(found("ground/store/src/a.rs", text), [""; 0]);
        assert_eq!(found("engine/learn/tests/a.rs", text), [""; 0]);
    }

    #[test]
    fn reading_and_words_are_free() {
        let text =
            "// fs::write\nlet a = \"fs::write\";\nlet file = File::open(p)?;\nout.write(b)?;\nlet rename = 1;\n";
        assert_eq!(found("engine/learn/src/a.rs", text), [""; 0]);
    }
}
