//! No invisible differences.

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "whitespace", about: "no trailing blanks, no tabs in Rust, one newline at the end", check };

const WHY: &str = "what nobody can see should not differ";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in ["rs", "toml", "md", "py"].into_iter().flat_map(|extension| tree.texts_of(extension)) {
        for (index, line) in text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                found.push(Finding::at(path, index + 1, "blanks at the end of the line", WHY));
            }
            if path.ends_with(".rs") && line.contains('\t') {
                found.push(Finding::at(path, index + 1, "a tab", WHY));
            }
        }
        if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
            found.push(Finding::at(path, text.lines().count(), "the file does not end with one newline", WHY));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_tabs_are_found() {
        let tree =
            Tree::of(&[("a.rs", "fn a() {} \n\tb\n"), ("b.md", "a\r\n"), ("c.toml", "a = 1"), ("d.md", "good\n")]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "a.rs:1 blanks at the end of the line",
            "a.rs:2 a tab",
            "c.toml:1 the file does not end with one newline",
            "b.md:1 blanks at the end of the line",
        ];
        assert_eq!(found, expected);
    }
}
