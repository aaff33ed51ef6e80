//! Typed TOML recipes: parse, validate, explain.
//!
//! A method is data: a TOML file whose keys are the verbs and whose values are *parts*. This crate
//! knows no verb and no method. It gives what every part shares:
//!
//! - [`part!`]: one declaration that is at once struct, defaults, documentation and parser;
//! - [`parts!`]: the registry of a verb's parts;
//! - [`read`]: a recipe with `--set` [`Override`]s over it; errors underline the place, be it in
//!   the file or in the `--set`, and name what would have been valid;
//! - [`explain_part`], [`header`]: what a part does and what the recipe changed of it;
//! - [`Shared`]: tables of settings that all parts under a key have, reached by
//!   `--set KEY.TABLE.SETTING` whatever part stands there, and the older names of their settings;
//! - `renamed.toml`: former names of parts and settings, which old recipes may still say;
//! - [`slice()`]: a part as fingerprints see it.

extern crate self as recipe; // the macros name this crate, and its own tests use them

mod apply;
mod canonical;
mod explain;
mod fault;
mod header;
mod nearest;
mod overrides;
mod pages;
mod part;
mod parts;
mod place;
mod range;
mod read;
mod renamed;
mod serde_words;
mod shared;
mod slice;
mod wrap;

pub use explain::{Explained, ExplainedSetting, explain_part, plain_value};
pub use fault::RecipeFault;
pub use header::header;
pub use nearest::nearest;
pub use overrides::Override;
pub use part::{Describe, Part, Setting, plain, values_of};
pub use parts::{Registry, deserialize_part};
pub use place::Place;
pub use range::{above, above_to, outside, wanted};
pub use read::{Read, read, read_shared};
pub use renamed::{met_former_names, name_in_fingerprints, renamed_part, with_former_names};
#[doc(hidden)]
pub use serde;
#[doc(hidden)]
pub use serde_json::Value as Json;
pub use shared::{Renamed, Shared};
pub use slice::slice;
pub use wrap::wrap;
