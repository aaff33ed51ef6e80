//! How an attention layer scores keys, and which keys a row sees.

use super::attention::Heads;
use super::precision::Precision;

/// An attention layer's heads, and what is particular about its scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// The heads.
    pub heads: Heads,
    /// What products of queries and keys are multiplied by.
    pub scale: f32,
    /// A row sees this many keys, its own included (sliding window; Beltagy et al. 2020); all before it, if `None`.
    pub window: Option<usize>,
    /// `cap * tanh(score / cap)` in place of the score (Gemma 2, arXiv 2408.00118, section 2).
    pub softcap: Option<f32>,
    /// What queries, keys, values and weights are rounded to before they are multiplied.
    pub precision: Precision,
}

/// Plain attention: every key before a row, scores times `1 / sqrt(head_dim)`.
impl From<Heads> for Scores {
    fn from(heads: Heads) -> Self {
        Self { heads, scale: heads.scale(), window: None, softcap: None, precision: Precision::F32 }
    }
}

impl Scores {
    /// The first key that row `row` of a sequence sees.
    pub fn first_seen(self, row: usize) -> usize {
        self.window.map_or(0, |window| (row + 1).saturating_sub(window))
    }

    /// The first key that is computed with for row `row`: products go over pairs of keys, and pairs begin at even places.
    pub(crate) fn first_paired(self, row: usize) -> usize {
        self.first_seen(row) & !1
    }
}
