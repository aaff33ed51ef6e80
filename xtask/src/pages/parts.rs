use std::collections::BTreeMap;

use crate::tree::{Kind, Tree};

/// Where every part is declared and what it does, by the folder of its verb and its name in
/// recipes.
pub(super) struct Parts {
    found: BTreeMap<(String, String), Declared>,
}

/// A part's declaration.
pub(super) struct Declared {
    /// The file that holds it.
    pub(super) file: String,
    /// The first sentence of its documentation.
    pub(super) does: String,
}

impl Parts {
    /// Reads the declarations `pub struct Type = "name", version …` with the comment above each.
    pub(super) fn read(tree: &Tree) -> Self {
        let mut found = BTreeMap::new();
        // What all parts of a verb share is declared as a part is, and is none.
        let of_parts = |path: &str| !path.ends_with("/shared.rs");
        for file in tree.rust_files().iter().filter(|file| file.kind == Kind::Product && of_parts(file.path)) {
            let Some(verb) = file.path.strip_prefix("engine/").and_then(|rest| rest.split('/').next()) else {
                continue;
            };
            let mut doc: Vec<&str> = Vec::new();
            for line in tree.text(file.path).unwrap_or_default().lines().map(str::trim) {
                if let Some(said) = line.strip_prefix("///") {
                    doc.push(said.trim());
                    continue;
                }
                if let Some(name) = declared(line) {
                    let declared = Declared { file: file.path.to_owned(), does: first_sentence(&doc.join(" ")) };
                    found.insert((verb.to_owned(), name.to_owned()), declared);
                }
                doc.clear();
            }
        }
        Parts { found }
    }

    /// The part of that name, under that verb.
    pub(super) fn get(&self, verb: &str, name: &str) -> Option<&Declared> {
        self.found.get(&(verb.to_owned(), name.to_owned()))
    }
}

/// The name in recipes, if a part is declared here.
fn declared(line: &str) -> Option<&str> {
    let (_, rest) = line.strip_prefix("pub struct ")?.split_once(" = \"")?;
    let (name, rest) = rest.split_once('"')?;
    rest.starts_with(", version").then_some(name)
}

/// Up to the first full stop that ends a sentence.
pub(super) fn first_sentence(text: &str) -> String {
    let mut ends = text.match_indices(". ").map(|(at, _)| at);
    let abbreviation = |at: usize| ["et al", "e.g", "i.e", "cf", "vs"].iter().any(|word| text[..at].ends_with(word));
    let end = ends.find(|&at| !abbreviation(at)).unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_with_its_first_sentence() {
        let text = "//! A.\nrecipe::part! {\n    /// Keeps the shortest (Xu et al. 2024, say). Of equals\n    /// the first.\n    \
                    pub struct Shortest = \"shortest\", version 1 {}\n}\n";
        let tree = Tree::of(&[("engine/choose/Cargo.toml", ""), ("engine/choose/src/shortest.rs", text)]);
        let parts = Parts::read(&tree);
        let part = parts.get("choose", "shortest").map(|part| (part.file.as_str(), part.does.as_str()));
        assert_eq!(part, Some(("engine/choose/src/shortest.rs", "Keeps the shortest (Xu et al. 2024, say)")));
        assert!(parts.get("attempt", "shortest").is_none());
    }
}
