use std::fmt::Debug;

use faults::Outcome;

use crate::Image;

/// Token ids from here on are rows of pictures, not words of a vocabulary.
pub const FIRST_IMAGE_ROW: u32 = 1 << 31;

/// What pictures are to a model that sees: some rows of its input each.
///
/// A row has a token id of its own, at or above [`FIRST_IMAGE_ROW`]. Equal ids are equal rows, and
/// rows of different pictures never have the same id; so whatever compares sequences by their ids
/// (kept keys and values, prefixes that are computed once, questions that are the same) tells
/// pictures apart without knowing of them. Which id a row gets is the process's own affair: ids of
/// rows are never kept.
pub trait See: Send + Sync + Debug {
    /// The ids of a picture's rows, in order.
    fn rows(&self, image: &Image) -> Outcome<Vec<u32>>;
}
