//! The keys of an architecture.

use crate::metadata::{Metadata, Wrong};

/// The keys of an architecture, by what stands behind its name.
pub(crate) struct Keys<'a> {
    pub(crate) metadata: &'a Metadata,
    pub(crate) architecture: &'static str,
}

impl Keys<'_> {
    fn key(&self, rest: &str) -> String {
        format!("{}.{rest}", self.architecture)
    }

    pub(crate) fn size(&self, rest: &str) -> Wrong<Option<u64>> {
        self.metadata.size(&self.key(rest))
    }

    pub(crate) fn needed(&self, rest: &str) -> Wrong<u64> {
        self.metadata.needed_size(&self.key(rest))
    }

    pub(crate) fn number(&self, rest: &str) -> Wrong<Option<f64>> {
        self.metadata.number(&self.key(rest))
    }

    pub(crate) fn text(&self, rest: &str) -> Wrong<Option<&str>> {
        self.metadata.text(&self.key(rest))
    }
}
