//! The embedded recipes, and the names that they are found by.

use serde::Deserialize;

/// Every recipe of `recipes/`, by name, in alphabetical order.
const LIBRARY: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The recipes embedded in the binary: name and source.
pub fn library() -> &'static [(&'static str, &'static str)] {
    LIBRARY
}

/// The recipe that bears this name, or that says under `also` that it is found by it: name and
/// source. A method is looked for by the name that its paper gave it, in whatever case.
pub fn recipe_named(typed: &str) -> Option<(&'static str, &'static str)> {
    let typed = typed.to_lowercase();
    let own = LIBRARY.iter().find(|(name, _)| *name == typed);
    own.or_else(|| LIBRARY.iter().find(|(_, source)| also(source).contains(&typed))).copied()
}

/// The most letters of a name that is an abbreviation.
const ABBREVIATION: usize = 5;

/// The abbreviation that a method is known by besides its recipe's name, such as `exit`: the first
/// under `also`.
pub fn abbreviation(source: &str) -> Option<String> {
    also(source).into_iter().find(|name| name.chars().count() <= ABBREVIATION)
}

/// All that is read of a recipe here.
#[derive(Default, Deserialize)]
struct Names {
    #[serde(default)]
    also: Vec<String>,
}

/// The other names of a recipe.
fn also(source: &str) -> Vec<String> {
    ::recipe::read::<Names>("names", source, &[]).map(|(names, _)| names.also).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_recipe_is_found_by_every_name_of_its_own_and_no_two_share_one() {
        let mut seen = HashSet::new();
        for (name, source) in LIBRARY {
            for known in std::iter::once((*name).to_owned()).chain(also(source)) {
                assert_eq!(recipe_named(&known.to_uppercase()).map(|(found, _)| found), Some(*name));
                assert!(seen.insert(known.clone()), "two recipes are found as {known}");
            }
        }
        assert_eq!(recipe_named("no-such-method"), None);
        let short = |name: &str| abbreviation(recipe_named(name).expect("a recipe").1);
        assert_eq!(short("exploratory-iteration").as_deref(), Some("exit"));
        assert_eq!(short("self-consistency"), None);
    }

    #[test]
    fn every_recipe_begins_with_a_sentence_that_fits_a_line() {
        for (name, source) in LIBRARY {
            let sentence = ::recipe::header(source).lines().next().unwrap_or_default().to_owned();
            assert!(sentence.chars().count() <= 90 && sentence.ends_with('.'), "{name}: {sentence}");
        }
    }
}
