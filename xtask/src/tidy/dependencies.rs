//! The dependency direction, from the manifests.

use toml::{Table, Value};

use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check = Check {
    name: "dependencies",
    about: "faults <- nouns <- the rest of ground <- models, worlds <- verbs (siblings unseen) <- checkpoint <- repeat <- app; choose stays pure",
    check,
};

/// All that `choose` may be built from: what it depends on can have no IO, no model, no clock and
/// no randomness.
const CHOOSE: [&str; 5] = ["faults", "nouns", "recipe", "serde", "thiserror"];

const DIRECTION: &str = "dependencies point one way: faults <- nouns <- the rest of ground <- models, worlds <- verbs, which \
                         never see a sibling <- checkpoint <- repeat <- app";
const PURE: &str = "choosing is pure: no IO, no model, no clock, no randomness but its key";

fn check(tree: &Tree) -> Vec<Finding> {
    let members = tree.members();
    members.iter().flat_map(|member| of_member(tree, member, &members)).collect()
}

fn of_member(tree: &Tree, member: &str, members: &[&str]) -> Vec<Finding> {
    let path = format!("{member}/Cargo.toml");
    let text = tree.text(&path).unwrap_or_default();
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(_) => return vec![Finding::at(&path, 1, "this manifest cannot be read", DIRECTION)],
    };
    let mut found = Vec::new();
    for (section, name) in dependencies(&manifest) {
        let line = line_of(text, name);
        let ours = members.iter().copied().find(|other| other.rsplit('/').next() == Some(name));
        if let Some(other) = ours.filter(|other| !may_depend(member, other)) {
            found.push(Finding::at(&path, line, format!("{member} depends on {other}"), DIRECTION));
        }
        if member == "engine/choose" && section == "dependencies" && !CHOOSE.contains(&name) {
            found.push(Finding::at(&path, line, format!("choose depends on `{name}`"), PURE));
        }
    }
    found
}

/// The place of a crate in the order; crates may depend on lower ones.
fn layer(member: &str) -> u8 {
    match member.split_once('/').unwrap_or(("", member)) {
        ("ground", "faults") => 0,
        ("ground", "nouns") => 1,
        ("ground", _) => 2,
        ("models" | "worlds", _) => 3,
        ("engine", "checkpoint") => 5,
        ("engine", "repeat") => 6,
        ("engine", _) => 4,
        ("app", _) => 7,
        _ => 8,
    }
}

fn may_depend(member: &str, other: &str) -> bool {
    // Within ground, among models and worlds, within app, and among what stands beside the workspace,
    // cargo itself refuses circles.
    let together = matches!(layer(other), 2 | 3 | 7 | 8);
    layer(other) < layer(member) || (layer(other) == layer(member) && together)
}

/// Every dependency of a manifest with the section it stands in, those for one platform included.
pub(super) fn dependencies(manifest: &Table) -> Vec<(&str, &str)> {
    let platforms = manifest.get("target").and_then(Value::as_table);
    let tables = platforms.into_iter().flat_map(|all| all.values()).filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in tables.chain([manifest]) {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let names = table.get(section).and_then(Value::as_table).into_iter().flat_map(Table::keys);
            found.extend(names.map(|name| (section, name.as_str())));
        }
    }
    found
}

/// The line on which a manifest names a dependency.
pub(super) fn line_of(text: &str, name: &str) -> usize {
    let named = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    text.lines().position(named).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(Finding::short).collect()
    }

    #[test]
    fn the_direction_is_kept() {
        let kept = [
            ("ground/faults/Cargo.toml", ""),
            ("ground/nouns/Cargo.toml", "[dependencies]\nfaults.workspace = true\n"),
            (
                "models/networks/Cargo.toml",
                "[dependencies]\nkernels.workspace = true\nnouns = { path = \"../nouns\" }\n",
            ),
            ("ground/kernels/Cargo.toml", ""),
            (
                "engine/choose/Cargo.toml",
                "[dependencies]\nnouns.workspace = true\n[dev-dependencies]\nproptest = \"1\"\n",
            ),
            ("engine/repeat/Cargo.toml", "[dependencies]\nchoose.workspace = true\n"),
            ("app/cli/Cargo.toml", "[dependencies]\nrepeat.workspace = true\ndashboard.workspace = true\n"),
            ("app/dashboard/Cargo.toml", ""),
        ];
        assert_eq!(found(&kept), [""; 0]);
    }

    #[test]
    fn what_points_the_wrong_way_is_found() {
        let broken = [
            ("ground/faults/Cargo.toml", "[dependencies]\nnouns.workspace = true\n"),
            ("ground/nouns/Cargo.toml", "[dev-dependencies]\nnetworks.workspace = true\n"),
            ("models/networks/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nlearn.workspace = true\n"),
            ("engine/learn/Cargo.toml", "[dependencies]\n\nchoose.workspace = true\n"),
            ("engine/choose/Cargo.toml", "[dependencies]\nfs-err = \"3\"\n"),
            ("app/cli/Cargo.toml", "[dependencies]\n"),
        ];
        let expected = [
            "engine/choose/Cargo.toml:2 choose depends on `fs-err`",
            "engine/learn/Cargo.toml:3 engine/learn depends on engine/choose",
            "ground/faults/Cargo.toml:2 ground/faults depends on ground/nouns",
            "ground/nouns/Cargo.toml:2 ground/nouns depends on models/networks",
            "models/networks/Cargo.toml:2 models/networks depends on engine/learn",
        ];
        assert_eq!(found(&broken), expected);
    }
}
