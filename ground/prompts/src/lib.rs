//! What a model is asked in words, and how its reply is read: judges, critics, revisers and makers
//! of questions are a [`Template`] and a reading.

mod fault;
mod reply;
mod template;

pub use fault::PromptFault;
pub use reply::{field, items, number, says_yes};
pub use template::Template;
