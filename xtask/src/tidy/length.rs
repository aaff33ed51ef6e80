//! Files stay short enough to be read.

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check = Check { name: "length", about: "no Rust file is over 500 lines", check };

const LIMIT: usize = 500;

const WHY: &str = "one thing per file; a file this long holds several";

fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.rust_files();
    let long = files.iter().map(|file| (file.path, file.source.lines.len())).filter(|(_, lines)| *lines > LIMIT);
    long.map(|(path, lines)| Finding::at(path, LIMIT + 1, format!("{lines} lines; the limit is {LIMIT}"), WHY))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_hundred_lines_are_enough() {
        let tree = Tree::of(&[("a.rs", &"x\n".repeat(500)), ("b.rs", &"x\n".repeat(501))]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        assert_eq!(found, ["b.rs:501 501 lines; the limit is 500"]);
    }
}
