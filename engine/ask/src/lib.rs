//! Where tasks come from.
//!
//! A part of `ask` keeps nothing between rounds: the buffer of tasks that grow out of attempts is
//! handed to it, and is the output of a stage of its own. So a resumed run asks exactly what the
//! run would have asked, and a buffer can be looked at like any stage.

mod growing;
mod inventing;
mod replaying;
mod tasks;
#[cfg(test)]
mod traces;

pub use growing::Growing;
pub use inventing::{AskFault, Inventing};
pub use replaying::Replaying;
pub use tasks::Tasks;

recipe::parts! {
    /// Where tasks come from.
    pub enum AskPart: nouns::Ask {
        Tasks(tasks::Tasks),
        Growing(growing::Growing),
        Replaying(replaying::Replaying),
        Inventing(inventing::Inventing),
    }
}
