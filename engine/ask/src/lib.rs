//! Where tasks come from.

mod growing;
mod replaying;
mod tasks;
#[cfg(test)]
mod traces;

pub use growing::Growing;
pub use replaying::Replaying;
pub use tasks::Tasks;

recipe::parts! {
    /// Where tasks come from.
    pub enum AskPart: nouns::Ask {
        Tasks(tasks::Tasks),
        Growing(growing::Growing),
        Replaying(replaying::Replaying),
    }
}
