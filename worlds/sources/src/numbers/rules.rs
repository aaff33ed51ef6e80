use std::ops::RangeInclusive;

/// What makes one game of numbers differ from another.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The game's name.
    pub(crate) name: &'static str,
    /// How many numbers a puzzle has.
    pub(crate) count: RangeInclusive<usize>,
    /// The numbers a puzzle is made of.
    pub(crate) numbers: RangeInclusive<i64>,
    /// What is to be reached.
    pub(crate) target: Target,
    /// A puzzle as a person would type it.
    pub(crate) typed: &'static str,
}

/// What is to be reached.
#[derive(Debug)]
pub(crate) enum Target {
    /// Always this number; prompts do not mention it.
    Fixed(i64),
    /// One of these; the prompt says which.
    Stated(RangeInclusive<i64>),
}
