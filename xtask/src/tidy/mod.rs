//! The checks. Each is one file: a rule, why it is one, and a test on a made-up tree that keeps it
//! and one that breaks it.

mod ambient;
mod circles;
mod columns;
mod commented_code;
mod dependencies;
mod documents;
mod file_writes;
mod finding;
mod headers;
mod length;
mod manifests;
mod method_names;
mod modules;
mod pages;
mod printing;
mod recipes;
mod serde_shapes;
mod tensor_library;
mod unfinished;
mod unsafety;
mod whitespace;

pub(crate) use finding::Finding;

use crate::tree::Tree;

/// A check: a name for messages, what it holds to, and the check itself.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    check: fn(&Tree) -> Vec<Finding>,
}

/// Every check.
pub(crate) const CHECKS: [Check; 20] = [
    dependencies::CHECK,
    manifests::CHECK,
    tensor_library::CHECK,
    unsafety::CHECK,
    method_names::CHECK,
    file_writes::CHECK,
    printing::CHECK,
    ambient::CHECK,
    serde_shapes::CHECK,
    modules::CHECK,
    circles::CHECK,
    headers::CHECK,
    length::CHECK,
    unfinished::CHECK,
    commented_code::CHECK,
    whitespace::CHECK,
    recipes::CHECK,
    documents::CHECK,
    columns::CHECK,
    pages::CHECK,
];

/// What all checks find, in the order of the checks.
pub(crate) fn run(tree: &Tree) -> Vec<Finding> {
    let found =
        |check: &Check| (check.check)(tree).into_iter().map(|finding| finding.by(check.name)).collect::<Vec<_>>();
    CHECKS.iter().flat_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
    }

    #[test]
    fn a_finding_says_where_which_rule_and_why() {
        let tree = Tree::of(&[
            ("ground/nouns/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("ground/nouns/src/lib.rs", "//! A.\n\n// FIXME\n"),
        ]);
        let messages: Vec<String> = run(&tree).iter().map(ToString::to_string).collect();
        let message = messages.iter().find(|message| message.contains("unfinished")).map(String::as_str);
        let expected = "ground/nouns/src/lib.rs:3: [unfinished] an unfinished mark: `FIXME`\n    \
                        why: what is not done is not merged; open an issue instead";
        assert_eq!(message, Some(expected));
    }
}
