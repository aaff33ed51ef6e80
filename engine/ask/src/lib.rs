//! Where tasks come from.

mod growing;
mod tasks;

pub use growing::Growing;
pub use tasks::Tasks;

recipe::parts! {
    /// Where tasks come from.
    pub enum AskPart {
        Tasks(tasks::Tasks),
        Growing(growing::Growing),
    }
}

impl AskPart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Ask> {
        match self {
            AskPart::Tasks(part) => Box::new(part.clone()),
            AskPart::Growing(part) => Box::new(part.clone()),
        }
    }

    /// Whether its tasks grow out of attempts, by how good these were: then it is told, by the world's answers.
    pub fn grows(&self) -> bool {
        matches!(self, AskPart::Growing(_))
    }
}
