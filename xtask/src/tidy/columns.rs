//! Lines of prose stay short enough to be read.

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "columns", about: "no line of prose, in Markdown or a doc comment, is over 100 columns", check };

const LIMIT: usize = 100;

const WHY: &str = "a line this long is read in a window that somebody must widen first";

fn check(tree: &Tree) -> Vec<Finding> {
    let pages = tree.texts_of("md").flat_map(|(path, text)| of_page(path, text));
    let sources = tree.rust_files();
    let comments = sources.iter().flat_map(|file| of_source(file.path, tree.text(file.path).unwrap_or_default()));
    pages.chain(comments).collect()
}

fn too_long(path: &str, line: usize, columns: usize) -> Finding {
    Finding::at(path, line, format!("{columns} columns; the limit is {LIMIT}"), WHY)
}

/// Documentation, with the blanks and slashes before it counted; tables, links and code aside.
fn of_source(path: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        let Some(said) = line.trim_start().strip_prefix("///").or(line.trim_start().strip_prefix("//!")) else {
            fenced = false;
            continue;
        };
        fenced ^= said.trim_start().starts_with("```");
        let columns = line.chars().count();
        if columns > LIMIT && !fenced && !stands_apart(said.strip_prefix(' ').unwrap_or(said)) {
            found.push(too_long(path, index + 1, columns));
        }
    }
    found
}

/// What cannot be broken: a table's row, code, a link, a span of code that has a line to itself.
fn stands_apart(line: &str) -> bool {
    let start = line.trim_start();
    start.starts_with(['|', '`']) || line.starts_with("    ") || line.contains("](") || line.contains("://")
}

fn of_page(path: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        let columns = line.chars().count();
        if columns > LIMIT && !fenced && !stands_apart(line) {
            found.push(too_long(path, index + 1, columns));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_broken_and_the_rest_is_not() {
        let long = "x ".repeat(51);
        let page = format!("{long}\n| {long}|\n    {long}\n[{long}](x)\n```\n{long}\n```\n{}\n", "é".repeat(100));
        let source = format!(
            "/// {long}\n    /// ```\n    /// {long}\n    /// ```\n// {long}\n/// | {long}|\nlet a = 1; // {long}\n"
        );
        let tree = Tree::of(&[("a.md", page.as_str()), ("a/src/lib.rs", source.as_str())]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        assert_eq!(found, ["a.md:1 102 columns; the limit is 100", "a/src/lib.rs:1 106 columns; the limit is 100"]);
    }
}
