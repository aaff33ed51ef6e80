//! The built-in engine: what it promises, and that it decodes every family as transformers does.

mod engine;
mod families;
