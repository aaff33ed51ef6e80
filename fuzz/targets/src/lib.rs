//! Every parser of ours that reads untrusted input, as a function of bytes that must return: no
//! panic, no endless work, no memory without bound. What it returns does not matter here.
//!
//! [`TARGETS`] lists them. `cargo-fuzz` calls them from `fuzz/fuzz_targets`, on a nightly compiler,
//! for as long as one likes; the test `mutations` calls them in every test run, on committed seeds
//! and a few thousand keyed changes of them.

mod files;
mod texts;

pub use files::{gguf, index, rows, safetensors};
pub use texts::{answers, code, config, conversation, events, recipe, template, tokenizer};

/// A parser, and where its seeds are: folders and files below the project's root, of which those
/// count that end so.
pub struct Target {
    /// Its name: that of the function, and of the file in `fuzz/fuzz_targets`.
    pub name: &'static str,
    /// The parser.
    pub parse: fn(&[u8]),
    /// Where seeds are.
    pub seeds: &'static [&'static str],
    /// How their names end.
    pub ending: &'static str,
}

const FAMILIES: &str = "models/networks/tests/families";

/// Every target.
pub const TARGETS: [Target; 12] = [
    Target { name: "answers", parse: answers, seeds: &["fuzz/seeds/answers"], ending: ".txt" },
    Target { name: "code", parse: code, seeds: &["fuzz/seeds/code"], ending: ".json" },
    Target { name: "config", parse: config, seeds: &[FAMILIES], ending: "/config.json" },
    Target { name: "conversation", parse: conversation, seeds: &["fuzz/seeds/conversation"], ending: ".json" },
    Target { name: "events", parse: events, seeds: &["fuzz/seeds/events"], ending: ".jsonl" },
    Target {
        name: "gguf",
        parse: gguf,
        seeds: &["models/networks/tests/gguf", "models/tokens/tests/gguf"],
        ending: ".gguf",
    },
    Target { name: "index", parse: index, seeds: &[FAMILIES], ending: ".index.json" },
    Target { name: "recipe", parse: recipe, seeds: &["recipes"], ending: ".toml" },
    Target { name: "rows", parse: rows, seeds: &["golden/tables", "fuzz/seeds/rows"], ending: "" },
    Target { name: "safetensors", parse: safetensors, seeds: &[FAMILIES], ending: ".safetensors" },
    Target { name: "template", parse: template, seeds: &["golden/templates", "fuzz/seeds/template"], ending: ".jinja" },
    Target { name: "tokenizer", parse: tokenizer, seeds: &["fuzz/seeds/tokenizer"], ending: ".json" },
];
