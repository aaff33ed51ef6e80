//! Differences between runs, item by item.

use measure::paired::{Difference, compare};
use nouns::Key;

use super::Side;
use crate::console::Console;
use crate::fault::CliFault;

/// The difference of one run to the first in one figure.
pub(crate) struct Pair {
    /// Which run.
    pub(crate) other: usize,
    /// Which figure.
    pub(crate) name: String,
    /// How much, and how surely.
    pub(crate) difference: Difference,
}

/// Every run compared with the first, in every figure that both have.
pub(crate) fn with_first(sides: &[Side]) -> Result<Vec<Pair>, CliFault> {
    let mut pairs = Vec::new();
    for other in 1..sides.len() {
        let found = between(&sides[0], &sides[other], other);
        if found.is_empty() {
            return Err(CliFault::NothingInCommon { first: sides[0].path.clone(), other: sides[other].path.clone() });
        }
        pairs.extend(found);
    }
    Ok(pairs)
}

fn between(first: &Side, side: &Side, other: usize) -> Vec<Pair> {
    let same = |score: &nouns::Score| first.scores.iter().find(|before| before.name() == score.name());
    let pair = |score: &nouns::Score| {
        let difference = compare(&Key::root(0).of("compare"), same(score)?, score)?;
        Some(Pair { other, name: score.name(), difference })
    };
    side.scores.iter().filter_map(pair).collect()
}

impl Pair {
    /// In words, with a verdict.
    pub(crate) fn said(&self, console: &Console) -> String {
        said(&self.difference, console)
    }
}

/// A difference of two shares in words, with a verdict.
pub(crate) fn said(difference: &Difference, console: &Console) -> String {
    let Difference { mean, low, high, items, gained, lost } = *difference;
    let verdict = match (low > 0.0, high < 0.0) {
        (true, _) => console.style().good("better"),
        (_, true) => console.style().caution("worse"),
        _ => "may be chance".to_owned(),
    };
    format!(
        "{:+.1} points ({:+.1} to {:+.1}) on {items} items, {gained} gained, {lost} lost: {verdict}",
        100.0 * mean,
        100.0 * low,
        100.0 * high
    )
}
