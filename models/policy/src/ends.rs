use crate::choices::Choices;

/// What ends an answer beside its length.
pub(crate) trait Ends: Sync {
    /// Whether the answer to a context ends with its last token.
    fn ends(&self, context: &[u32], tokens: &[u32], stop: &[String]) -> bool;

    /// The tokens that end an answer.
    fn end_ids(&self) -> &[u32];

    /// These texts as what an answer must be one of.
    fn choices(&self, among: &[String]) -> Choices;

    /// Whether the answer is only a piece of one: it ended at a stop string, and may well be gone
    /// on with.
    fn may_go_on(&self, tokens: &[u32], stop: &[String]) -> bool;
}
