//! What is merged is done.

use super::{Check, Finding};
use crate::source::has_words;
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "unfinished", about: "no marks of unfinished work, no ignored tests, no debug prints", check };

const MARKS: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];
const CODE: [&str; 4] = ["todo!", "unimplemented!", "dbg!", "#[ignore"];

const WHY: &str = "what is not done is not merged; open an issue instead";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust_files() {
        for (number, line) in file.source.numbered() {
            let mark = MARKS.into_iter().find(|mark| has_words(&line.comment, mark));
            let mark = mark.or_else(|| CODE.into_iter().find(|mark| has_words(&line.code, mark)));
            found.extend(mark.map(|mark| Finding::at(file.path, number, format!("an unfinished mark: `{mark}`"), WHY)));
        }
    }
    for (path, text) in ["toml", "py"].into_iter().flat_map(|extension| tree.texts_of(extension)) {
        for (index, line) in text.lines().enumerate() {
            let comment = line.split_once('#').map_or("", |(_, comment)| comment);
            let mark = MARKS.into_iter().find(|mark| has_words(comment, mark));
            found.extend(mark.map(|mark| Finding::at(path, index + 1, format!("an unfinished mark: `{mark}`"), WHY)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_comments_and_macros_in_code() {
        let tree = Tree::of(&[
            (
                "a.rs",
                "// TODO: b\nlet a = \"TODO\";\n/// todo! is a macro\ntodo!();\n#[ignore = \"slow\"]\nlet hack = 1;\n",
            ),
            ("b.toml", "a = 1 # FIXME\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "a.rs:1 an unfinished mark: `TODO`",
            "a.rs:4 an unfinished mark: `todo!`",
            "a.rs:5 an unfinished mark: `#[ignore`",
            "b.toml:1 an unfinished mark: `FIXME`",
        ];
        assert_eq!(found, expected);
    }
}
