//! What the arms have come to.

use std::collections::BTreeMap;

use nouns::Score;

use crate::record::SeedRecord;

/// An arm's run with one seed.
#[derive(Clone)]
pub(super) struct Ran {
    /// Names what was run, but for its seed.
    pub(super) made_by: String,
    /// Names the weights of the model that it began with.
    pub(super) base: Option<String>,
    pub(super) seed: SeedRecord,
    /// Scores by round, the base model's first.
    pub(super) scores: BTreeMap<u32, Vec<Score>>,
    /// The round whose figures count.
    pub(super) last: u32,
}

/// The runs of every arm, in the order of the seeds.
pub(super) type Runs = BTreeMap<String, Vec<Ran>>;
