//! What a person asks of a run beside the recipe. Kept in the run folder, so that `resume` needs no
//! arguments.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use faults::Outcome;
use networks::DeviceKind;
use nouns::World;
use serde::{Deserialize, Serialize};
use sources::{Columns, Strength};

use crate::recipe::Recipe;

/// What a run was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The recipe's name: its file's.
    pub recipe: String,
    /// The world's name, or a data file.
    pub on: String,
    /// Columns of the data file that go by other names than the usual ones.
    #[serde(default)]
    pub columns: Columns,
    /// Whether programs may run in a sandbox that lacks what is needed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub weak_sandbox: bool,
    /// The folder of the model to begin with; none makes one from nothing.
    pub model: Option<PathBuf>,
    /// The folder of an adapter that is merged into that model before anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<PathBuf>,
    /// The folder of an encoder of sentences, which says how alike answers are; without one, the
    /// model's own hidden states do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<PathBuf>,
    /// Maximum number of new tokens in an answer to a data file's task, in evaluation too; none
    /// takes the world's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// The device that computes.
    pub device: DeviceKind,
    /// Seed of every random draw.
    pub seed: u64,
    /// What ends the run before its rounds are over.
    pub budget: Budget,
    /// Files of tasks that must never be trained on.
    pub hold_out: Vec<PathBuf>,
}

impl Options {
    /// A recipe with everything as it is by default: no model, no budget, seed 0.
    pub fn new(recipe: &str) -> Options {
        Options {
            recipe: recipe.into(),
            on: String::new(),
            columns: Columns::default(),
            weak_sandbox: false,
            model: None,
            adapter: None,
            encoder: None,
            max_tokens: None,
            device: DeviceKind::Cpu,
            seed: 0,
            budget: Budget::default(),
            hold_out: Vec::new(),
        }
    }

    /// The world, or the data file as one, whose questions are put as the recipe says.
    pub(crate) fn world(&self, recipe: &Recipe) -> Outcome<Arc<dyn World>> {
        let sandbox = if self.weak_sandbox { Strength::Whatever } else { Strength::Needed };
        let prompting = recipe.prompt.prompting()?;
        let options = sources::Options {
            columns: self.columns.clone(),
            sandbox,
            longest_answer: self.max_tokens,
            unsplit: false,
            prompting,
        };
        sources::find(&self.on, &options)
    }
}

/// A budget of time or tokens. A round begins only if it would fit, were it like the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Seconds, those of earlier, interrupted processes on the same run included.
    pub seconds: Option<f64>,
    /// Tokens generated and trained.
    pub tokens: Option<u64>,
}

impl Budget {
    /// Reads `10m`, `90s`, `2h`, `1Mtok`, `500ktok`, or two of them joined by a comma.
    pub fn parse(text: &str) -> Option<Budget> {
        text.split(',').map(str::trim).try_fold(Budget::default(), |budget, word| match word.strip_suffix("tok") {
            Some(count) => Some(Budget { tokens: Some(scaled(count)?), ..budget }),
            None => Some(Budget { seconds: Some(duration(word)?.as_secs_f64()), ..budget }),
        })
    }

    /// A tenth of it.
    pub fn tenth(self) -> Budget {
        Budget { seconds: self.seconds.map(|seconds| seconds / 10.0), tokens: self.tokens.map(|tokens| tokens / 10) }
    }

    /// Whether as much again as the last round took would go over the budget.
    pub fn is_spent(&self, seconds: f64, tokens: u64, last_seconds: f64, last_tokens: u64) -> bool {
        self.seconds.is_some_and(|limit| seconds + last_seconds > limit)
            || self.tokens.is_some_and(|limit| tokens + last_tokens > limit)
    }
}

fn scaled(count: &str) -> Option<u64> {
    let (number, factor) = match count.as_bytes().last()? {
        b'k' => (&count[..count.len() - 1], 1e3),
        b'M' => (&count[..count.len() - 1], 1e6),
        b'G' => (&count[..count.len() - 1], 1e9),
        _ => (count, 1.0),
    };
    positive(number).map(|number| (number * factor) as u64)
}

fn duration(word: &str) -> Option<Duration> {
    let split = word.find(|letter: char| letter.is_alphabetic()).unwrap_or(word.len());
    let factor = match &word[split..] {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(positive(&word[..split])? * factor).ok()
}

fn positive(number: &str) -> Option<f64> {
    number.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read_as_people_write_them() {
        let read = |text| Budget::parse(text).map(|budget| (budget.seconds, budget.tokens));
        assert_eq!(read("10m"), Some((Some(600.0), None)));
        assert_eq!(read("1.5h"), Some((Some(5400.0), None)));
        assert_eq!(read("1Mtok"), Some((None, Some(1_000_000))));
        assert_eq!(read("90s, 500ktok"), Some((Some(90.0), Some(500_000))));
        for wrong in ["", "10", "m", "-5m", "1e999h", "5parsecs", "tok"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_round_that_would_not_fit_does_not_begin() {
        let budget = Budget { seconds: Some(100.0), tokens: None };
        assert!(!budget.is_spent(50.0, 0, 40.0, 0));
        assert!(budget.is_spent(70.0, 0, 40.0, 0));
    }
}
