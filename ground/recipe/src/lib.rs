//! Typed TOML recipes: parse, validate, explain.
//!
//! A method is data: a TOML file whose keys are the verbs and whose values are *parts*. This crate knows no verb and no
//! method. It gives what every part shares: one declaration that is at once struct, defaults, documentation and parser
//! ([`part!`]), the registry of a verb's parts ([`parts!`]), and reading with errors that underline the place and name
//! what would have been valid.

extern crate self as recipe; // the macros name this crate, and its own tests use them

mod part;
mod parts;

pub use part::{Describe, Part, Setting, values_of};
pub use parts::{Registry, deserialize_part};
#[doc(hidden)]
pub use serde;
#[doc(hidden)]
pub use serde_json::Value as Json;
