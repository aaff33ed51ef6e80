//! The recipes on board.

/// Every recipe of `recipes/`, by name, in alphabetical order.
const LIBRARY: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The recipes embedded in the binary: name and source.
pub fn library() -> &'static [(&'static str, &'static str)] {
    LIBRARY
}
