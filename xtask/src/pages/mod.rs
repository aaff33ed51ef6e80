//! Pages that are made from other files: a page for each method, and the indexes of the log and of
//! the decisions. They are committed, because a reader on a web page has no program at hand;
//! `cargo xtask tidy` refuses those that are stale.

mod fill;
mod index;
mod method;
mod parts;
mod record;

pub(crate) use method::path as path_of;

use crate::tree::Tree;

/// Every generated page: its path, and the text that it should have.
pub(crate) fn all(tree: &Tree) -> Vec<(String, String)> {
    let parts = parts::Parts::read(tree);
    let methods = tree.methods().into_iter().map(|name| (method::path(name), method::page(tree, &parts, name)));
    methods.chain([method::index(tree), index::log(tree), index::decisions(tree)]).collect()
}

/// Folders in which a page that is not generated is a page of something that is gone.
pub(crate) const GENERATED: [&str; 1] = ["docs/methods/"];
