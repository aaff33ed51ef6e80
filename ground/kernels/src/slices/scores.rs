//! How an attention layer scores keys, and which keys a row sees.

use super::precision::Precision;

/// The heads of an attention layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Query heads; a multiple of `kv_heads`.
    pub heads: usize,
    /// Key and value heads: each serves `heads / kv_heads` query heads (Ainslie et al. 2023).
    pub kv_heads: usize,
    /// Elements per head.
    pub head_dim: usize,
}

impl Heads {
    /// Elements of a row of queries.
    pub fn width(self) -> usize {
        self.heads * self.head_dim
    }

    /// Elements of a row of keys or of values.
    pub fn kv_width(self) -> usize {
        self.kv_heads * self.head_dim
    }

    /// Query heads per key head.
    pub fn group(self) -> usize {
        assert!(self.heads.is_multiple_of(self.kv_heads), "{} heads over {}", self.heads, self.kv_heads);
        self.heads / self.kv_heads
    }

    /// What scores are multiplied by: `1 / sqrt(head_dim)`.
    pub fn scale(self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }
}

/// An attention layer's heads, and what is particular about its scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// The heads.
    pub heads: Heads,
    /// What products of queries and keys are multiplied by.
    pub scale: f32,
    /// A row sees this many keys, its own included (sliding window; Beltagy et al. 2020); all
    /// before it, if `None`.
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

    /// The first key that is computed with for row `row`: products go over pairs of keys, and pairs
    /// begin at even places.
    pub(crate) fn first_paired(self, row: usize) -> usize {
        self.first_seen(row) & !1
    }
}
