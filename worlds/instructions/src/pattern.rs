//! Patterns that are written here.

use regex::Regex;

/// A pattern of ours.
pub(crate) fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours is one")
}
