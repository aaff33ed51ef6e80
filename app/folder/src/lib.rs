//! A model folder at work without a run: it generates, scores and chats, is looked at and written
//! in another form.

mod chat;
mod convert;
mod fault;
mod files;
mod generate;
mod inspect;
mod lines;
mod score;
mod speaker;

pub use chat::Chat;
pub use convert::{Convert, Converted};
pub use fault::FolderFault;
pub use files::FileSize;
pub use generate::{Generate, Sample};
pub use gguf::Kind;
pub use inspect::{Contents, Inspected, Inspection, Load, inspect};
pub use lines::Said;
pub use score::Scored;
pub use speaker::Speaker;
