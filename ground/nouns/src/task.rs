use serde::{Deserialize, Serialize};

use crate::{Content, Image, Part, Role, Turn};

/// Which part of a world or data set a task belongs to. Worlds split by the hash of the canonical
/// problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// May be trained on.
    Train,
    /// Decides the gate; never trained on.
    Valid,
    /// Reported; never trained on and never used to decide anything.
    Test,
}

impl Split {
    /// All splits.
    pub const ALL: [Split; 3] = [Split::Train, Split::Valid, Split::Test];

    /// The word used in recipes and file names.
    pub fn word(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Valid => "valid",
            Split::Test => "test",
        }
    }
}

/// What is asked. A task does not carry its answer: see [`crate::Oracle`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The world or data set it comes from.
    pub world: String,
    /// The canonical form of the problem: two tasks are the same problem exactly if these are
    /// equal. Splits, hold-outs, keys and deduplication use it.
    pub id: String,
    /// What the model is shown.
    pub prompt: Vec<Turn>,
}

impl Task {
    /// The text of the whole prompt: the turns' texts, one a line.
    pub fn prompt_text(&self) -> String {
        let turns: Vec<_> = self.prompt.iter().map(|turn| turn.content.as_text()).collect();
        turns.join("\n")
    }

    /// The pictures that its prompt shows, in order.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        self.prompt.iter().flat_map(|turn| turn.content.images())
    }

    /// A question about the task, whose text holds what it needs of the prompt's: after the
    /// pictures that the prompt shows.
    pub fn question(&self, text: String) -> Turn {
        let shows = |part: &&Part| !part.images().is_empty();
        let pictures = self.prompt.iter().flat_map(|turn| &turn.content.0).filter(shows).cloned();
        Turn { role: Role::User, content: Content(pictures.chain([Part::Text(text)]).collect()) }
    }

    /// Names what the whole prompt shows: its text, where it is text, and pictures by their
    /// digests.
    pub fn prompt_identity(&self) -> String {
        identity(&self.prompt)
    }
}

/// Names what is said in these turns, one a line; see [`crate::Content::identity`].
pub fn identity(turns: &[Turn]) -> String {
    let turns: Vec<_> = turns.iter().map(|turn| turn.content.identity()).collect();
    turns.join("\n")
}
