//! The written face: the pages are there, name every crate, and link to what exists.

use super::{Check, Finding};
use crate::tree::{Tree, resolve};

pub(super) const CHECK: Check =
    Check { name: "documents", about: "the pages exist, the code map names every crate, links lead somewhere", check };

const PAGES: [&str; 6] =
    ["README.md", "ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md", "METHODS.md", "docs/glossary.md"];

const PAGE: &str = "a newcomer looks for these pages by name";
const MAP: &str = "the code map is how a newcomer finds the crate to change";
const LINK: &str = "a link that leads nowhere costs its reader's trust";

fn check(tree: &Tree) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let missing = PAGES.into_iter().filter(|page| !tree.has(page));
    found.extend(missing.map(|page| Finding::at(page, 1, "this page does not exist", PAGE)));
    if let Some(map) = tree.text("ARCHITECTURE.md") {
        let unnamed = tree.members().into_iter().filter(|member| !map.contains(&format!("`{member}`")));
        found.extend(
            unnamed.map(|member| Finding::at("ARCHITECTURE.md", 1, format!("the code map lacks `{member}`"), MAP)),
        );
    }
    for (path, text) in tree.texts_of("md") {
        for (line, target) in links(text) {
            if !leads_somewhere(tree, path, target) {
                found.push(Finding::at(path, line, format!("nothing is at `{target}`"), LINK));
            }
        }
    }
    found
}

/// The targets of a page's links, with their lines; code is no link.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        let mut rest = if fenced { "" } else { line };
        while let Some(at) = rest.find("](") {
            let before = &rest[..at];
            let target = &rest[at + 2..];
            let end = target.find(')').unwrap_or(target.len());
            if before.matches('`').count() % 2 == 0 {
                found.push((index + 1, target[..end].split(' ').next().unwrap_or("")));
            }
            rest = &target[end..];
        }
    }
    found
}

fn leads_somewhere(tree: &Tree, page: &str, target: &str) -> bool {
    let target = target.trim_matches(['<', '>']);
    if target.contains("://") || target.starts_with("mailto:") || target.starts_with('#') {
        return true;
    }
    let target = target.split('#').next().unwrap_or("");
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    resolve(folder, target).is_some_and(|place| tree.has(&place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_crates_and_links() {
        let tree = Tree::of(&[
            ("README.md", "[a](golden/a.md) [b](golden/none.md#x) [c](https://example.org) [d](#here) `[e](f)`\n"),
            ("golden/a.md", "[up](../README.md) [folder](../ground/nouns/) [out](../../elsewhere)\n```\n[x](y)\n```\n"),
            ("ARCHITECTURE.md", "`ground/nouns`: the nouns\n"),
            ("STYLE.md", ""),
            ("CONTRIBUTING.md", ""),
            ("METHODS.md", ""),
            ("ground/nouns/Cargo.toml", ""),
            ("ground/faults/Cargo.toml", ""),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        let expected = [
            "docs/glossary.md:1 this page does not exist",
            "ARCHITECTURE.md:1 the code map lacks `ground/faults`",
            "README.md:1 nothing is at `golden/none.md#x`",
            "golden/a.md:1 nothing is at `../../elsewhere`",
        ];
        assert_eq!(found, expected);
    }
}
