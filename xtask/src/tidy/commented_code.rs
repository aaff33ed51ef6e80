//! Code that does nothing is deleted.

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check = Check { name: "commented-code", about: "no code is commented out", check };

/// What prose that happens to end in `;` or `{` does not have.
const CODE: [&str; 9] = [" = ", "();", ");", "::", "->", "let ", "fn ", "use ", "!("];

const WHY: &str = "the history keeps old code; a comment says why, not what was";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust_files() {
        for (number, line) in file.source.numbered() {
            let text = line.comment.trim_end();
            let plain = text.starts_with("//") && !text.starts_with("///") && !text.starts_with("//!");
            let ends = text.ends_with(';') || text.ends_with('{');
            if plain && ends && CODE.iter().any(|mark| text.contains(mark)) {
                found.push(Finding::at(file.path, number, "code that is commented out", WHY));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_free() {
        let text = "// let a = f();\n// if a -> b {\n// first this;\n/// f();\nlet b = 1; // one, and not two;\nf(\"// g();\");\n";
        let found: Vec<String> = check(&Tree::of(&[("a.rs", text)])).iter().map(Finding::short).collect();
        assert_eq!(found, ["a.rs:1 code that is commented out", "a.rs:2 code that is commented out"]);
    }
}
