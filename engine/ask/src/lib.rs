//! Where tasks come from.

mod tasks;

pub use tasks::Tasks;

recipe::parts! {
    /// Where tasks come from.
    pub enum AskPart {
        Tasks(tasks::Tasks),
    }
}

impl AskPart {
    /// The verb.
    pub fn build(&self) -> Box<dyn nouns::Ask> {
        match self {
            AskPart::Tasks(part) => Box::new(part.clone()),
        }
    }
}
