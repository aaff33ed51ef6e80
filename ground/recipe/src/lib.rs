//! Typed TOML recipes: parse, validate, explain.
//!
//! A method is data: a TOML file whose keys are the verbs and whose values are *parts*. This crate knows no verb and no
//! method. It gives what every part shares: one declaration that is at once struct, defaults, documentation and parser
//! ([`part!`]), and reading with errors that underline the place and name what would have been valid.

mod part;

pub use part::{Describe, Setting, values_of};
#[doc(hidden)]
pub use serde;
#[doc(hidden)]
pub use serde_json::Value as Json;
