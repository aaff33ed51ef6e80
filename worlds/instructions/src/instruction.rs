//! An instruction, and whether responses follow it.

use crate::asks::Asks;
use crate::{follow, language};

/// One instruction, with what it asks for.
#[derive(Clone, Debug)]
pub struct Instruction(pub(crate) Asks);

impl Instruction {
    /// Whether a response follows it as it stands. An empty one follows nothing.
    pub fn is_followed(&self, response: &str) -> bool {
        !response.trim().is_empty() && follow::follows(&self.0, response)
    }

    /// Whether a program can tell: not so of a language that none of ours knows.
    pub fn can_be_verified(&self) -> bool {
        !matches!(&self.0, Asks::Language(code) if !language::is_known(code))
    }

    /// Whether it is followed by the response, or by what is left of it without its first line,
    /// its last line, or both, and of each of these without asterisks: what a remark around an
    /// answer, and Markdown in it, must not spoil.
    pub fn is_followed_loosely(&self, response: &str) -> bool {
        let lines: Vec<&str> = response.split('\n').collect();
        let without = |first: usize, last: usize| {
            let kept = lines.get(first..lines.len().saturating_sub(last)).unwrap_or_default();
            kept.join("\n").trim().to_owned()
        };
        let cut = [response.to_owned(), without(1, 0), without(0, 1), without(1, 1)];
        cut.iter().any(|text| self.is_followed(text) || self.is_followed(&text.replace('*', "")))
    }
}
