//! Generated pages say what the files that they are made from say.

use std::collections::BTreeSet;

use super::{Check, Finding};
use crate::pages;
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "pages", about: "generated pages are what `cargo xtask pages` would write", check };

const WHY: &str =
    "a page that is made from a recipe must not say another thing than the recipe; run `cargo xtask pages`";

fn check(tree: &Tree) -> Vec<Finding> {
    let pages = pages::all(tree);
    let known: BTreeSet<&str> = pages.iter().map(|(path, _)| path.as_str()).collect();
    let stale = pages.iter().filter(|(path, text)| tree.text(path) != Some(text));
    let gone = tree.paths().filter(|path| pages::GENERATED.iter().any(|folder| path.starts_with(folder)));
    let gone = gone.filter(|path| !known.contains(path));
    stale
        .map(|(path, _)| Finding::at(path, 1, "this page is missing or stale", WHY))
        .chain(gone.map(|path| Finding::at(path, 1, "nothing makes this page", WHY)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_missing_and_left_over_pages_are_found() {
        let mut tree = vec![("docs/log/2026-01-01-a.md", "# A\n"), ("docs/methods/old.md", "# Old\n")];
        let log = pages::all(&Tree::of(&tree)).into_iter().find(|(path, _)| path == "docs/log/README.md");
        let (_, text) = log.expect("the log has an index");
        tree.push(("docs/log/README.md", &text));
        let found: Vec<String> = check(&Tree::of(&tree)).iter().map(Finding::short).collect();
        let expected = [
            "docs/methods/README.md:1 this page is missing or stale",
            "docs/decisions/README.md:1 this page is missing or stale",
            "docs/methods/old.md:1 nothing makes this page",
        ];
        assert_eq!(found, expected);
    }
}
