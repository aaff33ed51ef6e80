//! Who may name the tensor library.

use toml::Table;

use super::dependencies::{dependencies, line_of};
use super::{Check, Finding};
use crate::tree::Tree;

pub(super) const CHECK: Check =
    Check { name: "tensor-library", about: "only kernels, networks, policy and learn depend on burn", check };

/// The crates that may. Whoever passes a device through does not need the library for it:
/// `networks` says what a device is, and hands on the features that choose one.
const ALLOWED: [&str; 4] = ["ground/kernels", "models/networks", "models/policy", "engine/learn"];

const WHY: &str = "no method knows which device it runs on, and the tensor library can be replaced in four crates";

fn check(tree: &Tree) -> Vec<Finding> {
    let others = tree.members().into_iter().filter(|member| !ALLOWED.contains(member));
    others.flat_map(|member| of_member(tree, member)).collect()
}

fn of_member(tree: &Tree, member: &str) -> Vec<Finding> {
    let path = format!("{member}/Cargo.toml");
    let text = tree.text(&path).unwrap_or_default();
    let manifest: Table = text.parse().unwrap_or_default();
    let named = dependencies(&manifest).into_iter().filter(|(section, name)| {
        *section == "dependencies" && (*name == "burn" || name.starts_with("burn-") || name.starts_with("cubecl"))
    });
    let found =
        named.map(|(_, name)| Finding::at(&path, line_of(text, name), format!("{member} depends on `{name}`"), WHY));
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_crates_may() {
        let burn = "[dependencies]\nburn.workspace = true\n";
        let tree = Tree::of(&[
            ("ground/kernels/Cargo.toml", burn),
            ("engine/learn/Cargo.toml", burn),
            ("engine/attempt/Cargo.toml", burn),
            (
                "engine/measure/Cargo.toml",
                "[dependencies]\nburn-flex = \"1\"\n[dev-dependencies]\nburn.workspace = true\n",
            ),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "engine/attempt/Cargo.toml:2 engine/attempt depends on `burn`",
            "engine/measure/Cargo.toml:2 engine/measure depends on `burn-flex`",
        ];
        assert_eq!(found, expected);
    }
}
