//! Every crate is under the workspace's lints and edition.

use toml::{Table, Value};

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "manifests", about: "every member takes its lints, edition and licence from the workspace", check };

const WHY: &str = "a crate without the workspace's lints may use `unsafe` and go undocumented without anybody noticing";

fn check(tree: &Tree) -> Vec<Finding> {
    let members = tree.members().into_iter().filter(|member| !matches!(*member, "fuzz" | "examples"));
    members.flat_map(|member| of_member(tree, member)).collect()
}

fn of_member(tree: &Tree, member: &str) -> Vec<Finding> {
    let path = format!("{member}/Cargo.toml");
    let manifest: Table = tree.text(&path).and_then(|text| text.parse().ok()).unwrap_or_default();
    let package = |key: &str| manifest.get("package").and_then(|package| package.get(key));
    let wanted = [
        ("lints", manifest.get("lints")),
        ("package.edition", package("edition")),
        ("package.license", package("license")),
    ];
    let inherited = |value: Option<&Value>| value.and_then(|table| table.get("workspace")).and_then(Value::as_bool);
    let missing = wanted.into_iter().filter(|(_, value)| inherited(*value) != Some(true));
    missing.map(|(key, _)| Finding::at(&path, 1, format!("`{key}` is not the workspace's"), WHY)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_inherited_is_found() {
        let good =
            "[package]\nname = \"a\"\nedition.workspace = true\nlicense.workspace = true\n[lints]\nworkspace = true\n";
        let tree = Tree::of(&[
            ("ground/a/Cargo.toml", good),
            ("ground/b/Cargo.toml", "[package]\nlicense.workspace = true\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "ground/b/Cargo.toml:1 `lints` is not the workspace's",
            "ground/b/Cargo.toml:1 `package.edition` is not the workspace's",
        ];
        assert_eq!(found, expected);
    }
}
