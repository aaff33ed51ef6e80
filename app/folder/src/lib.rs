//! A model folder at work without a run: it generates, scores and chats, is looked at and written
//! in another form.

mod chat;
mod convert;
mod fault;
mod files;
mod generate;
mod inspect;
mod lines;
mod loaded;
mod score;

pub use chat::Chat;
pub use convert::{Convert, Converted};
pub use fault::FolderFault;
pub use files::FileSize;
pub use generate::{Generate, Sample};
pub use gguf::Kind;
pub use inspect::{Contents, Inspected, Inspection, Load, inspect};
pub use lines::InputLine;
pub use loaded::LoadedModel;
pub use score::Scored;
