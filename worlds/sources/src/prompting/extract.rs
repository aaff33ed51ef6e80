//! A pattern that says what of an answer is judged.

use std::sync::Arc;

use faults::{Code, Fault};
use nouns::{Count, Digest, Oracle, Task, Turn, Verdict};
use regex::Regex;

/// Which of several matches counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Take {
    /// The first.
    First,
    /// The last.
    #[default]
    Last,
}

/// What of an answer is judged: what a regular expression matches, or its first group if it has
/// groups. An answer that it does not match says nothing.
#[derive(Clone, Debug)]
pub struct Extract {
    pattern: Regex,
    take: Take,
}

/// A pattern that is none.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is no regular expression: {why}")]
pub struct ExtractFault {
    pattern: String,
    why: String,
}

impl Fault for ExtractFault {
    fn code(&self) -> Code {
        Code::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(r"Write it as Rust's `regex` has them, for example `#### (-?[0-9.,]+)`; there is no look-around.".into())
    }
}

impl Extract {
    /// A pattern in the syntax of the crate `regex`.
    pub fn new(pattern: &str, take: Take) -> Result<Extract, ExtractFault> {
        let fault = |error: regex::Error| ExtractFault { pattern: pattern.to_owned(), why: error.to_string() };
        Ok(Extract { pattern: Regex::new(pattern).map_err(fault)?, take })
    }

    /// What counts of an answer: its first group that matched, else the whole match; nothing where
    /// nothing matches.
    pub fn of<'a>(&self, answer: &'a str) -> &'a str {
        let mut matches = self.pattern.captures_iter(answer);
        let found = match self.take {
            Take::First => matches.next(),
            Take::Last => matches.last(),
        };
        let Some(found) = found else { return "" };
        let groups = found.iter().skip(1).flatten().next();
        groups.or(found.get(0)).map_or("", |part| part.as_str())
    }

    fn named(&self) -> String {
        format!("{:?} of {}", self.take, self.pattern)
    }
}

impl PartialEq for Extract {
    fn eq(&self, other: &Extract) -> bool {
        (self.pattern.as_str(), self.take) == (other.pattern.as_str(), other.take)
    }
}

impl Eq for Extract {}

/// An oracle that is shown what counts of an answer.
pub(crate) struct Extracting {
    pub(crate) extract: Extract,
    pub(crate) inner: Arc<dyn Oracle>,
}

impl Oracle for Extracting {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        self.inner.judge(task, self.extract.of(response))
    }

    fn judge_all(&self, items: &[(&Task, &str)]) -> Vec<Verdict> {
        let items: Vec<(&Task, &str)> = items.iter().map(|(task, said)| (*task, self.extract.of(said))).collect();
        self.inner.judge_all(&items)
    }

    fn counts(&self, task: &Task, response: &str) -> Vec<Count> {
        self.inner.counts(task, self.extract.of(response))
    }

    fn digest(&self) -> Option<Digest> {
        let answers = self.inner.digest().map_or_else(String::new, |digest| digest.to_string());
        Some(Digest::of_fields([answers.as_bytes(), self.extract.named().as_bytes()]))
    }

    fn hinted(&self, task: &Task) -> Option<Vec<Turn>> {
        self.inner.hinted(task)
    }

    fn guided(&self, task: &Task) -> Option<Vec<Turn>> {
        self.inner.guided(task)
    }

    fn quality(&self, task: &Task, response: &str) -> Option<f64> {
        self.inner.quality(task, self.extract.of(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_match_counts_unless_the_first_is_asked_for() {
        let text = "#### 3 or rather #### 4, says 9";
        let of = |pattern, take| Extract::new(pattern, take).expect("a pattern").of(text);
        assert_eq!(of("#### ([0-9]+)", Take::Last), "4");
        assert_eq!(of("#### ([0-9]+)", Take::First), "3");
        assert_eq!(of("[0-9]+", Take::Last), "9");
        assert_eq!(of("x(.)|says ([0-9])", Take::Last), "9", "the first group that took part");
        assert_eq!(of("nowhere", Take::Last), "");
        assert!(Extract::new("(", Take::Last).expect_err("no pattern").to_string().starts_with("`(` is no regular"));
    }
}
