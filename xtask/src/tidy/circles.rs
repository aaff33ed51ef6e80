//! Files of a crate import one another in one direction.
//!
//! A folder is one thing: what stands in its `mod.rs` is what its files share, so what they import
//! from there is not counted. What the folder and the files beside it import from one another is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Check, Finding};
use crate::imports::Paths;
use crate::tree::{Kind, Tree, is_root, module_files};

pub(super) const CHECK: Check =
    Check { name: "circles", about: "no two files of a crate import each other, directly or round about", check };

const WHY: &str =
    "files of a circle can only be read, changed and moved together; put what both need into a file below both";

fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.rust_files();
    let product = files.iter().filter(|file| file.kind == Kind::Product && file.path.contains("/src/"));
    let mut crates: BTreeMap<&str, Modules> = BTreeMap::new();
    for file in product {
        crates.entry(file.member).or_default().add(file.path, Paths::of(file.source));
    }
    for modules in crates.values_mut() {
        modules.connect(tree);
    }
    crates.values().flat_map(Modules::circles).collect()
}

/// The files of a crate as modules.
#[derive(Default)]
struct Modules<'a> {
    paths: BTreeMap<&'a str, Paths>,
    /// The file of a child module, by its parent's file and its name.
    children: BTreeMap<(&'a str, String), &'a str>,
    parents: BTreeMap<&'a str, &'a str>,
}

/// What a path leads to.
enum Target<'a> {
    /// A module, or an item that this file declares.
    File(&'a str),
    /// Something outside of the crate.
    Elsewhere,
}

impl<'a> Modules<'a> {
    fn add(&mut self, file: &'a str, paths: Paths) {
        self.paths.insert(file, paths);
    }

    /// Finds the files of child modules.
    fn connect(&mut self, tree: &'a Tree) {
        let files: Vec<&'a str> = self.paths.keys().copied().collect();
        for file in files {
            for module in tree.source(file).into_iter().flat_map(|source| source.modules()) {
                let places = module_files(file, &module);
                let child = self.paths.keys().copied().find(|known| places.iter().any(|place| place == known));
                if let Some(child) = child {
                    self.children.insert((file, module.name), child);
                    self.parents.insert(child, file);
                }
            }
        }
    }

    /// The root above a file.
    fn root(&self, file: &'a str) -> &'a str {
        let mut at = file;
        while let Some(parent) = self.parents.get(at).filter(|_| !is_root(at)) {
            at = parent;
        }
        at
    }

    /// What a path in a file leads to; `seen` holds the names on the way, which may import one
    /// another in a circle.
    fn target(&self, from: &'a str, path: &[String], seen: &mut BTreeSet<(&'a str, String)>) -> Target<'a> {
        let Some((first, mut rest)) = path.split_first() else { return Target::File(from) };
        let mut at = match first.as_str() {
            "crate" => self.root(from),
            "self" => from,
            "super" => self.parents.get(from).copied().unwrap_or(from),
            _ => {
                rest = path;
                from
            }
        };
        while let Some((name, below)) = rest.split_first() {
            if name == "super" {
                at = self.parents.get(at).copied().unwrap_or(at);
            } else if let Some(child) = self.children.get(&(at, name.clone())) {
                at = child;
            } else {
                return self.item(at, name, below, std::ptr::eq(rest, path), seen);
            }
            rest = below;
        }
        Target::File(at)
    }

    /// What a name that is no module of a file stands for there; `first` if the path begins with
    /// it.
    fn item(
        &self,
        at: &'a str,
        name: &str,
        below: &[String],
        first: bool,
        seen: &mut BTreeSet<(&'a str, String)>,
    ) -> Target<'a> {
        let Some(paths) = self.paths.get(at) else { return Target::Elsewhere };
        if !seen.insert((at, name.to_owned())) {
            return Target::Elsewhere;
        }
        if let Some(import) = paths.imports.iter().find(|import| import.name == name && name != "*") {
            let path = [import.path.as_slice(), below].concat();
            return self.target(at, &path, seen);
        }
        for glob in paths.imports.iter().filter(|import| import.name == "*") {
            if let Target::File(file) = self.target(at, &glob.path[..glob.path.len() - 1], seen)
                && self.paths.get(file).is_some_and(|paths| paths.declared.iter().any(|declared| declared == name))
            {
                return Target::File(file);
            }
        }
        match first && !paths.declared.iter().any(|declared| declared == name) {
            true => Target::Elsewhere,
            false => Target::File(at),
        }
    }

    /// The files that a file imports from, each with the first line that says so. Handing something
    /// on is no import, unless the file uses it as well.
    fn imported(&self, file: &'a str) -> BTreeMap<&'a str, usize> {
        let Some(paths) = self.paths.get(file) else { return BTreeMap::new() };
        let used: BTreeSet<&str> = paths.named.iter().map(|(path, _)| path[0].as_str()).collect();
        let imports = paths.imports.iter().filter(|import| !import.public || used.contains(import.name.as_str()));
        let imports = imports.map(|import| (import.path.as_slice(), import.line));
        let by_path = paths.named.iter().filter(|(path, _)| path.len() > 1);
        let by_path = by_path.map(|(path, line)| (path.as_slice(), *line));
        let mut found = BTreeMap::new();
        for (path, line) in imports.chain(by_path) {
            let path = path.strip_suffix(&["*".to_owned()]).unwrap_or(path);
            if let Target::File(target) = self.target(file, path, &mut BTreeSet::new())
                && target != file
                && !is_head(target, file)
            {
                let known = found.entry(target).or_insert(line);
                *known = line.min(*known);
            }
        }
        found
    }

    /// The circles: one finding for each set of files that all reach one another.
    fn circles(&self) -> Vec<Finding> {
        let graph: BTreeMap<&str, BTreeMap<&str, usize>> =
            self.paths.keys().map(|&file| (file, self.imported(file))).collect();
        let reached: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|&file| (file, reach(&graph, file))).collect();
        let mut done = BTreeSet::new();
        let mut found = Vec::new();
        for (&file, onward) in &reached {
            let circle: BTreeSet<&str> = onward.iter().copied().filter(|other| reached[other].contains(file)).collect();
            if circle.is_empty() || !done.insert(file) {
                continue;
            }
            done.extend(&circle);
            let way = way_round(&graph, file);
            let line = way.get(1).and_then(|next| graph[file].get(next)).copied().unwrap_or(1);
            let names: Vec<&str> = way.iter().map(|file| short(file)).collect();
            let what = format!("{} files import one another: {}", circle.len(), names.join(" → "));
            found.push(Finding::at(file, line, what, WHY));
        }
        found
    }
}

/// The files that can be reached from a file along one import or more.
fn reach<'a>(graph: &BTreeMap<&'a str, BTreeMap<&'a str, usize>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(graph[file].keys().filter(|next| reached.insert(**next)));
    }
    reached
}

/// The shortest way from a file back to it.
fn way_round<'a>(graph: &BTreeMap<&'a str, BTreeMap<&'a str, usize>>, from: &'a str) -> Vec<&'a str> {
    let mut ways = VecDeque::from([vec![from]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for &next in graph[way[way.len() - 1]].keys() {
            let longer = [way.as_slice(), &[next]].concat();
            if next == from {
                return longer;
            }
            if seen.insert(next) {
                ways.push_back(longer);
            }
        }
    }
    vec![from]
}

/// Whether a file is the `mod.rs` of a folder that another lies in.
fn is_head(head: &str, file: &str) -> bool {
    head.strip_suffix("mod.rs").is_some_and(|folder| folder.ends_with('/') && file.starts_with(folder))
}

/// A file below its crate's `src`.
fn short(file: &str) -> &str {
    file.split_once("/src/").map_or(file, |(_, below)| below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found_with_the_way_round() {
        let tree = Tree::of(&[
            ("ground/a/Cargo.toml", ""),
            ("ground/a/src/lib.rs", "mod b;\nmod c;\nmod d;\npub use b::B;\nuse c::C;\nfn own(c: C) {}\n"),
            // Through a re-export of the root; the root itself hands `B` on and does not use it.
            ("ground/a/src/b.rs", "use std::fmt;\nuse crate::d::D;\npub struct B(D);\n"),
            (
                "ground/a/src/c/mod.rs",
                "mod e;\n#[cfg(test)]\nuse crate::own;\npub struct C(crate::B);\nfn f() { e::g() }\n",
            ),
            ("ground/a/src/c/e.rs", "pub fn g() {}\n#[cfg(test)]\nmod tests {\n    use super::super::C;\n}\n"),
            ("ground/a/src/d.rs", "use crate::{\n    B,\n};\npub struct D(B);\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        assert_eq!(found, ["ground/a/src/b.rs:2 2 files import one another: b.rs → d.rs → b.rs"]);
    }

    #[test]
    fn what_a_folder_shares_is_no_circle_within_it() {
        let tree = Tree::of(&[
            ("ground/a/Cargo.toml", ""),
            ("ground/a/src/lib.rs", "mod b;\nmod d;\n"),
            ("ground/a/src/b/mod.rs", "mod c;\npub const N: u8 = 1;\npub fn f() { c::g() }\n"),
            ("ground/a/src/b/c.rs", "use super::N;\npub fn g() -> u8 { N + crate::d::M }\n"),
            ("ground/a/src/d.rs", "use crate::b;\npub const M: u8 = 2;\nfn h() { b::f() }\n"),
        ]);
        let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
        assert_eq!(found, ["ground/a/src/b/c.rs:2 3 files import one another: b/c.rs → d.rs → b/mod.rs → b/c.rs"]);
    }
}
