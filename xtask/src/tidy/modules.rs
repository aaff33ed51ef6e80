//! Folders and `mod` lines agree.

use std::collections::BTreeSet;

use super::{Check, Finding};
use crate::tree::{Tree, is_root, module_files};

pub(super) const CHECK: Check =
    Check { name: "modules", about: "every `mod x;` has its file, and every file its `mod x;`", check };

const NO_FILE: &str = "a module is a file of its name";
const NO_MOD: &str = "a file that no `mod` line names is neither built, nor tested, nor formatted";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut named = BTreeSet::new();
    for file in tree.rust_files() {
        for module in file.source.modules() {
            let places = module_files(file.path, &module);
            match places.iter().find(|place| tree.source(place).is_some()) {
                Some(place) => drop(named.insert(place.clone())),
                None => {
                    let what = format!("`mod {};` has no file: looked for {}", module.name, places.join(" and "));
                    found.push(Finding::at(file.path, module.line, what, NO_FILE));
                }
            }
        }
    }
    let unnamed = tree.rust_files().into_iter().filter(|file| !file.member.is_empty());
    let unnamed = unnamed.filter(|file| !named.contains(file.path) && !stands_alone(file.path));
    found.extend(unnamed.map(|file| Finding::at(file.path, 1, "no `mod` line names this file", NO_MOD)));
    found
}

/// Whether cargo builds a file without a `mod` line: crate roots, and `main.rs` in a folder of
/// tests or programs.
fn stands_alone(path: &str) -> bool {
    let program = path.strip_suffix("/main.rs").and_then(|folder| folder.rsplit_once('/'));
    let program =
        program.is_some_and(|(above, _)| ["tests", "examples", "benches", "bin"].iter().any(|f| above.ends_with(f)));
    is_root(path) || program
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_folders_agree() {
        let tree = Tree::of(&[
            ("ground/a/Cargo.toml", ""),
            ("ground/a/src/lib.rs", "mod b;\npub mod c;\n#[cfg(test)] mod t;\nmod gone;\n// mod not_code;\n"),
            ("ground/a/src/b.rs", "mod below;\n"),
            ("ground/a/src/b/below.rs", ""),
            ("ground/a/src/c/mod.rs", ""),
            ("ground/a/src/c/lost.rs", ""),
            ("ground/a/src/t.rs", ""),
            ("ground/a/tests/kernels/main.rs", "mod values;\n#[path = \"../help.rs\"]\nmod h;\n"),
            ("ground/a/tests/kernels/values.rs", ""),
            ("ground/a/tests/help.rs", ""),
            ("ground/a/tests/alone.rs", ""),
            ("ground/a/build.rs", ""),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "ground/a/src/lib.rs:4 `mod gone;` has no file: looked for ground/a/src/gone.rs and ground/a/src/gone/mod.rs",
            "ground/a/src/c/lost.rs:1 no `mod` line names this file",
        ];
        assert_eq!(found, expected);
    }
}
