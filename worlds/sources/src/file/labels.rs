//! The labels of a file of feature vectors: they are compared as they are written.

use std::collections::{BTreeSet, HashMap};

use nouns::{Digest, Oracle, Task, Turn, Unsettled, Verdict};

/// The labels that a file gives its feature vectors.
pub(super) struct Labels {
    by_id: HashMap<String, Option<String>>,
    /// Every label, numbers before words and in their order.
    known: Vec<String>,
}

impl Labels {
    pub(super) fn new(by_id: HashMap<String, Option<String>>) -> Labels {
        let different: BTreeSet<&String> = by_id.values().flatten().collect();
        let mut known: Vec<String> = different.into_iter().cloned().collect();
        let number = |label: &String| label.parse::<f64>().unwrap_or(f64::INFINITY);
        known.sort_by(|one, other| number(one).total_cmp(&number(other)));
        Labels { by_id, known }
    }

    /// The label that a response gives, if it is one of the file's.
    pub(super) fn given(&self, response: &str) -> Option<String> {
        let response = response.trim();
        self.known.iter().find(|label| *label == response).cloned()
    }

    /// How many feature vectors have no label.
    pub(super) fn missing(&self) -> usize {
        self.by_id.values().filter(|label| label.is_none()).count()
    }

    pub(super) fn known(&self) -> &[String] {
        &self.known
    }
}

impl Oracle for Labels {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        match self.by_id.get(&task.id).and_then(Option::as_ref) {
            None => Verdict::Unsettled(Unsettled::NoReference),
            Some(label) if label == response.trim() => Verdict::Right,
            Some(label) => Verdict::Wrong(format!("it is {label}")),
        }
    }

    fn digest(&self) -> Option<Digest> {
        let mut known: Vec<(&String, &String)> =
            self.by_id.iter().filter_map(|(id, label)| Some((id, label.as_ref()?))).collect();
        known.sort();
        Some(Digest::of_fields(known.iter().flat_map(|(id, label)| [id.as_bytes(), label.as_bytes()])))
    }

    fn hinted(&self, _: &Task) -> Option<Vec<Turn>> {
        None
    }
}
