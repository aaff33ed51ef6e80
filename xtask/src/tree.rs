//! The workspace as texts by path: read once, or made up by a test.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use crate::source::{Module, Source};

/// Folders that hold what is built, run or downloaded, wherever they stand.
const SKIPPED: [&str; 5] = ["target", "runs", "node_modules", "__pycache__", "corpus"];

/// Folders beginning with a dot that are ours.
const DOT_FOLDERS: [&str; 3] = [".ci", ".cargo", ".github"];

/// Files whose text some check reads; of the others only the path is known.
const READ: [&str; 5] = ["rs", "toml", "md", "py", "txt"];

/// Records of reproductions, which pages are made from.
const RECORDS: &str = "reproductions/results/";

/// Every file of the workspace.
#[derive(Default)]
pub(crate) struct Tree {
    texts: BTreeMap<String, String>,
    sources: BTreeMap<String, Source>,
}

/// What a Rust file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Compiled into a library or a program.
    Product,
    /// A test, be it a folder `tests` or a module only built for tests.
    Test,
    /// An example, a benchmark, a fuzz target.
    Example,
    /// A build script.
    Build,
    /// This program.
    Xtask,
}

/// A Rust file of the workspace.
pub(crate) struct RustFile<'a> {
    pub(crate) path: &'a str,
    /// The crate's folder, such as `ground/store`; empty where it belongs to none.
    pub(crate) member: &'a str,
    pub(crate) kind: Kind,
    pub(crate) source: &'a Source,
}

impl Tree {
    /// A tree that a test makes up.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Tree::new(files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect())
    }

    /// The tree below a folder.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut texts = BTreeMap::new();
        walk(root, "", &mut texts)?;
        Ok(Tree::new(texts))
    }

    fn new(texts: BTreeMap<String, String>) -> Self {
        let rust = texts.iter().filter(|(path, _)| path.ends_with(".rs"));
        let sources = rust.map(|(path, text)| (path.clone(), Source::new(text))).collect();
        Tree { texts, sources }
    }

    /// Every path, with `/` between folders.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// Every path of an extension, with the text.
    pub(crate) fn texts_of(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        let of = move |path: &str| path.rsplit_once('.').is_some_and(|(_, found)| found == extension);
        self.texts.iter().filter(move |(path, _)| of(path)).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether a file or a folder is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        path.is_empty() || self.texts.contains_key(path) || self.texts.keys().any(|found| found.starts_with(&below))
    }

    /// A Rust file's lines.
    pub(crate) fn source(&self, path: &str) -> Option<&Source> {
        self.sources.get(path)
    }

    /// The folders of the workspace's crates: every folder with a manifest but the root.
    pub(crate) fn members(&self) -> Vec<&str> {
        self.texts.keys().filter_map(|path| path.strip_suffix("/Cargo.toml")).collect()
    }

    /// The methods: the names of the recipes.
    pub(crate) fn methods(&self) -> Vec<&str> {
        let recipes = self.texts.keys().filter_map(|path| path.strip_prefix("recipes/"));
        recipes.filter(|name| !name.contains('/')).filter_map(|name| name.strip_suffix(".toml")).collect()
    }

    /// Every Rust file, with what it is for.
    pub(crate) fn rust_files(&self) -> Vec<RustFile<'_>> {
        let tests = self.test_modules();
        let members = self.members();
        self.sources
            .iter()
            .map(|(path, source)| {
                let member = members.iter().copied().find(|member| within(path, member)).unwrap_or("");
                let kind = if tests.iter().any(|test| within_module(path, test)) {
                    Kind::Test
                } else {
                    kind(path.strip_prefix(member).unwrap_or(path), member)
                };
                RustFile { path, member, kind, source }
            })
            .collect()
    }

    /// The files of modules that are declared under `#[cfg(test)]`.
    fn test_modules(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (path, source) in &self.sources {
            for module in source.modules().filter(|module| module.test) {
                found.extend(module_files(path, &module));
            }
        }
        found
    }
}

/// Where a module that the file at `path` declares may have its file.
pub(crate) fn module_files(path: &str, module: &Module) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    if let Some(at) = &module.at {
        return resolve(folder, at).into_iter().collect();
    }
    let stem = file.trim_end_matches(".rs");
    let beside = matches!(stem, "lib" | "main" | "mod") || is_root(path);
    let below = if beside { folder.to_string() } else { format!("{folder}/{stem}") };
    let name = &module.name;
    vec![format!("{below}/{name}.rs"), format!("{below}/{name}/mod.rs")]
}

/// The path that a relative one means in a folder, unless it leads out of the workspace.
pub(crate) fn resolve(folder: &str, relative: &str) -> Option<String> {
    let mut place: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            place.pop()?;
        } else {
            place.push(part);
        }
    }
    Some(place.join("/"))
}

/// Whether a file is a crate's root, so that its modules lie beside it.
pub(crate) fn is_root(path: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let last = folder.rsplit('/').next().unwrap_or("");
    matches!(last, "tests" | "examples" | "benches" | "bin" | "fuzz_targets")
        || path.ends_with("src/lib.rs")
        || path.ends_with("src/main.rs")
        || path.ends_with("build.rs")
}

fn within(path: &str, member: &str) -> bool {
    path.strip_prefix(member).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a file is a module's own or lies below it.
fn within_module(path: &str, module: &str) -> bool {
    path == module || within(path, module.trim_end_matches("/mod.rs").trim_end_matches(".rs"))
}

fn kind(below: &str, member: &str) -> Kind {
    let below = below.trim_start_matches('/');
    match below.split('/').next().unwrap_or("") {
        _ if member == "xtask" => Kind::Xtask,
        "tests" => Kind::Test,
        "examples" | "benches" | "fuzz_targets" | "fuzz" => Kind::Example,
        "build.rs" => Kind::Build,
        _ if member.starts_with("examples/") || member == "fuzz" || member == "examples" => Kind::Example,
        _ => Kind::Product,
    }
}

fn walk(root: &Path, below: &str, texts: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let ours = !name.starts_with('.') || DOT_FOLDERS.contains(&name.as_str());
            if ours && !SKIPPED.contains(&name.as_str()) {
                walk(root, &path, texts)?;
            }
        } else if kind.is_file() {
            let read = name.rsplit_once('.').is_some_and(|(_, extension)| READ.contains(&extension));
            let read = read || path.starts_with(RECORDS);
            let text = if read { std::fs::read(entry.path())? } else { Vec::new() };
            texts.insert(path, String::from_utf8_lossy(&text).into_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_know_what_they_are_for() {
        let tree = Tree::of(&[
            ("ground/store/Cargo.toml", ""),
            ("ground/store/src/lib.rs", "mod disk;\n#[cfg(test)]\nmod faulty;\n"),
            ("ground/store/src/disk.rs", ""),
            ("ground/store/src/faulty.rs", ""),
            ("ground/store/tests/kill.rs", ""),
            ("ground/store/examples/show.rs", ""),
            ("ground/store/build.rs", ""),
            ("xtask/Cargo.toml", ""),
            ("xtask/src/main.rs", ""),
        ]);
        let kinds: Vec<(&str, Kind)> = tree.rust_files().iter().map(|file| (file.path, file.kind)).collect();
        let expected = [
            ("ground/store/build.rs", Kind::Build),
            ("ground/store/examples/show.rs", Kind::Example),
            ("ground/store/src/disk.rs", Kind::Product),
            ("ground/store/src/faulty.rs", Kind::Test),
            ("ground/store/src/lib.rs", Kind::Product),
            ("ground/store/tests/kill.rs", Kind::Test),
            ("xtask/src/main.rs", Kind::Xtask),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(tree.members(), ["ground/store", "xtask"]);
        assert!(tree.has("ground/store/src") && tree.has("xtask/Cargo.toml") && !tree.has("ground/sto"));
    }

    #[test]
    fn modules_lie_beside_roots_and_below_others() {
        let module = |at: Option<&str>| Module { name: "x".into(), at: at.map(String::from), line: 1, test: false };
        let places = |path: &str| module_files(path, &module(None))[0].clone();
        assert_eq!(places("a/src/lib.rs"), "a/src/x.rs");
        assert_eq!(places("a/src/disk/mod.rs"), "a/src/disk/x.rs");
        assert_eq!(places("a/src/disk.rs"), "a/src/disk/x.rs");
        assert_eq!(places("a/tests/kill.rs"), "a/tests/x.rs");
        assert_eq!(module_files("a/examples/show.rs", &module(Some("../tests/x/mod.rs"))), ["a/tests/x/mod.rs"]);
        assert_eq!(resolve("a", "../../b"), None);
    }
}
