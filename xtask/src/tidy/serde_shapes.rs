//! Settings keep the places of errors.

use super::{Check, Finding};
use crate::source::has_words;
use crate::tree::{Kind, Tree};

pub(super) const CHECK: Check =
    Check { name: "serde-shapes", about: "no `tag`, `untagged` or `flatten` in what recipes are read into", check };

const WHY: &str = "with these a misspelt key is no longer underlined at its place; use externally tagged enums";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let read = |member: &str| member.starts_with("engine/") || member == "ground/recipe";
    for file in tree.rust_files().iter().filter(|file| file.kind == Kind::Product && read(file.member)) {
        for (number, line) in file.source.product().filter(|(_, line)| line.code.contains("serde(")) {
            let word = ["tag", "untagged", "flatten"].into_iter().find(|word| has_words(&line.code, word));
            found.extend(
                word.map(|word| Finding::at(file.path, number, format!("`{word}` on what a recipe is read into"), WHY)),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_lose_the_place_are_found() {
        let tree = Tree::of(&[
            ("engine/repeat/Cargo.toml", ""),
            (
                "engine/repeat/src/lib.rs",
                "#[serde(deny_unknown_fields)]\n#[serde(tag = \"a\")]\n    #[serde(flatten)]\n",
            ),
            ("ground/events/Cargo.toml", ""),
            ("ground/events/src/lib.rs", "#[serde(tag = \"event\")]\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "engine/repeat/src/lib.rs:2 `tag` on what a recipe is read into",
            "engine/repeat/src/lib.rs:3 `flatten` on what a recipe is read into",
        ];
        assert_eq!(found, expected);
    }
}
