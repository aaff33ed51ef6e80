//! Only `app` prints.

use super::{Check, Finding};
use crate::source::has_words;
use crate::tree::{Kind, Tree};

pub(super) const CHECK: Check = Check { name: "printing", about: "only app prints", check };

const PATTERNS: [&str; 6] = ["println!", "eprintln!", "print!", "eprint!", "stdout()", "stderr()"];

const WHY: &str =
    "the engine says what happens in events; what a person sees, and on which stream, is the app's to decide";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let prints = |member: &str| member.starts_with("app/");
    for file in tree.rust_files().iter().filter(|file| file.kind == Kind::Product && !prints(file.member)) {
        for (number, line) in file.source.product() {
            let pattern = PATTERNS.into_iter().find(|pattern| has_words(&line.code, pattern));
            found.extend(pattern.map(|what| Finding::at(file.path, number, format!("`{what}` outside app"), WHY)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_is_the_apps() {
        let text = "fn a() {\n    println!(\"a\");\n    std::io::stderr().lock();\n}\n#[cfg(test)]\nmod tests { fn b() { println!(); } }\n";
        let tree = Tree::of(&[
            ("ground/events/Cargo.toml", ""),
            ("ground/events/src/lib.rs", text),
            ("ground/events/examples/a.rs", text),
            ("app/cli/Cargo.toml", ""),
            ("app/cli/src/main.rs", text),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected =
            ["ground/events/src/lib.rs:2 `println!` outside app", "ground/events/src/lib.rs:3 `stderr()` outside app"];
        assert_eq!(found, expected);
    }
}
