//! Tokenizers and the mask of the tokens the model itself wrote.
//!
//! [`Tokens`] is either made of the words of a small world ([`Tokens::of_vocabulary`]) or read from
//! a `tokenizer.json` ([`Tokens::from_bytes`]). A stretch of training text is a context, which is
//! never taught, and an answer, which ends with the end token: [`Tokens::show_mask`] shows which is
//! which. A model folder with a chat template ([`Tokens::from_folder`]) has its contexts rendered
//! by it ([`chat`]).

pub mod chat;
mod fault;
mod limits;
mod read;
mod sentences;
mod special;
mod tokens;
mod vocabulary;

pub use fault::TokensFault;
pub use sentences::SentenceTokens;
pub use tokens::Tokens;
