//! The trees that searches grow, gathered part by part.

use std::sync::{Mutex, PoisonError};

use nouns::{KeepTrees, Node};

/// What the files are called that lie beside the parts of the attempts.
pub const TREES: &str = "trees";

/// Trees of one part of the attempts.
#[derive(Default)]
pub(crate) struct Trees(Mutex<Vec<Node>>);

impl KeepTrees for Trees {
    fn keep(&self, tree: Vec<Node>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(tree);
    }
}

impl Trees {
    /// The file, if there is any tree.
    pub(crate) fn to_parquet(&self) -> store::Result<Option<Vec<u8>>> {
        let nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if nodes.is_empty() { Ok(None) } else { store::nodes_to_parquet(&nodes).map(Some) }
    }
}
