//! Whatever is typed, reading answers or refuses; it never panics, and a refusal always draws its
//! place.

use faults::Fault;
use proptest::prelude::*;
use recipe::{Override, read};
use serde::Deserialize;

recipe::part! {
    /// A part.
    pub struct Sample = "sample", version 1 {
        /// A number.
        pub per_task: u32 = 16, "ours";
    }
}

recipe::parts! {
    /// A verb.
    pub enum AttemptPart { Sample(Sample) }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    #[expect(dead_code, reason = "only whether it can be read matters")]
    attempt: Vec<AttemptPart>,
}

/// What TOML is made of.
const WORDS: [&str; 17] = [
    "attempt",
    "sample",
    "per_task",
    " = ",
    "\"sample\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\n",
    "[[",
    "4",
    "-1",
    ".",
    "é",
    "# ",
];

/// Text that is TOML more often than chance would have it.
fn toml_like() -> impl Strategy<Value = String> {
    let word = prop_oneof![prop::sample::select(&WORDS[..]).prop_map(str::to_owned), any::<String>()];
    prop_oneof![prop::collection::vec(word, 0..24).prop_map(|words| words.concat()), any::<String>()]
}

fn try_to_read(source: &str, set: Option<&str>) {
    let overrides = match set.map(Override::parse).transpose() {
        Ok(overrides) => overrides,
        Err(fault) => return assert!(fault.picture().is_some_and(|picture| picture.contains('^'))),
    };
    if let Err(fault) = read::<Recipe>("r.toml", source, overrides.as_slice()) {
        assert!(fault.picture().is_some_and(|picture| picture.contains(['^', '>'])));
        assert!(!fault.to_string().is_empty());
    }
}

proptest! {
    #[test]
    fn on_arbitrary_text(source in toml_like()) {
        try_to_read(&source, None);
    }

    #[test]
    fn on_arbitrary_overrides(set in prop_oneof![toml_like(), toml_like().prop_map(|v| format!("attempt.0.sample={v}")), any::<String>()]) {
        try_to_read("attempt = [\"sample\", { sample = { per_task = 4 } }]", Some(&set));
    }

    #[test]
    fn on_arbitrary_paths(steps in prop::collection::vec("(attempt|sample|per_task|[0-2]|é)", 1..40)) {
        try_to_read("attempt = [\"sample\"]", Some(&format!("{}=1", steps.join("."))));
    }

    #[test]
    fn the_canonical_text_means_the_same(source in toml_like()) {
        if let Ok((table, text)) = read::<toml::Table>("r.toml", &source, &[]) {
            let (again, text_again) = read::<toml::Table>("r.toml", &text, &[]).expect("canonical text is TOML");
            prop_assert_eq!(again, table);
            prop_assert_eq!(text_again, text);
        }
    }
}
