//! Lines of prose stay short enough to be read.

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "columns", about: "no line of Markdown prose is over 100 columns", check };

const LIMIT: usize = 100;

const WHY: &str = "a line this long is read in a window that somebody must widen first";

fn check(tree: &Tree) -> Vec<Finding> {
    tree.texts_of("md").flat_map(|(path, text)| of_page(path, text)).collect()
}

/// Tables, links, code and pictures aside: these cannot be broken.
fn of_page(path: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        let start = line.trim_start();
        fenced ^= start.starts_with("```");
        let columns = line.chars().count();
        let apart = fenced || start.starts_with('|') || line.starts_with("    ") || line.contains("](");
        let apart = apart || start.starts_with('`'); // a span of code that has a line to itself
        if columns > LIMIT && !apart {
            found.push(Finding::at(path, index + 1, format!("{columns} columns; the limit is {LIMIT}"), WHY));
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
        let tree = Tree::of(&[("a.md", page.as_str())]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        assert_eq!(found, ["a.md:1 102 columns; the limit is 100"]);
    }
}
