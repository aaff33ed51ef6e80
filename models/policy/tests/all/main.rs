//! The built-in engine: what it promises, that it decodes every family as transformers does, and
//! what critics say.

mod critic;
mod engine;
mod families;
mod pictures;
mod sentences;
