//! The indexes of the log and of the decisions: a line for each page, which is its title.

use crate::tree::Tree;

const LOG: &str = "# Log

What was tried and measured, newest first; a title says what was found. A new entry is a file
`YYYY-MM-DD-title.md` with a question, what was done, figures in a table, and what follows;
`cargo xtask pages` puts it here.

";

const DECISIONS: &str = "# Decisions

Why things are as they are: the context, the decision, and its consequence. A new one is a file
`NNN-title.md` of half a page; `cargo xtask pages` puts it here.

";

pub(super) fn log(tree: &Tree) -> (String, String) {
    let mut entries = entries(tree, "docs/log/");
    entries.reverse();
    let line = |(file, title): &(&str, &str)| format!("- {}: [{title}]({file})\n", file.get(..10).unwrap_or(file));
    ("docs/log/README.md".into(), LOG.to_owned() + &entries.iter().map(line).collect::<String>())
}

pub(super) fn decisions(tree: &Tree) -> (String, String) {
    let line = |(file, title): &(&str, &str)| format!("- {}: [{title}]({file})\n", file.get(..3).unwrap_or(file));
    let entries = entries(tree, "docs/decisions/");
    ("docs/decisions/README.md".into(), DECISIONS.to_owned() + &entries.iter().map(line).collect::<String>())
}

/// File names and titles of a folder's pages, by name.
fn entries<'a>(tree: &'a Tree, folder: &str) -> Vec<(&'a str, &'a str)> {
    let pages = tree.texts_of("md").filter_map(|(path, text)| Some((path.strip_prefix(folder)?, text)));
    let title = |text: &'a str| text.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']);
    pages.filter(|(file, _)| *file != "README.md").map(|(file, text)| (file, title(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entry_comes_first() {
        let tree = Tree::of(&[
            ("docs/log/README.md", "# Log\n"),
            ("docs/log/2026-11-24-a.md", "# A holds\n\nText.\n"),
            ("docs/log/2026-11-26-b.md", "# B does not\n"),
        ]);
        let (path, text) = log(&tree);
        assert_eq!(path, "docs/log/README.md");
        let entries = text.strip_prefix(LOG);
        let expected = "- 2026-11-26: [B does not](2026-11-26-b.md)\n- 2026-11-24: [A holds](2026-11-24-a.md)\n";
        assert_eq!(entries, Some(expected));
    }
}
