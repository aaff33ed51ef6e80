//! Names of before, read as those of today.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// By the key that a name stands under: what it was, and what it is.
type Names = BTreeMap<String, BTreeMap<String, String>>;

thread_local! {
    static MET: RefCell<BTreeSet<(String, String)>> = const { RefCell::new(BTreeSet::new()) };
}

/// The names of before that were read in this thread since it was asked last, each with that of
/// today: for a hint.
pub fn met_former_names() -> Vec<(String, String)> {
    MET.take().into_iter().collect()
}

/// The name of today of what stands under `key`.
pub(crate) fn today(key: &str, name: &str) -> Option<&'static str> {
    static NAMES: OnceLock<Names> = OnceLock::new();
    let names = NAMES.get_or_init(|| toml::from_str(include_str!("renamed.toml")).unwrap_or_default());
    let today = names.get(key)?.get(name)?;
    MET.with_borrow_mut(|met| met.insert((format!("{key}.{name}"), format!("{key}.{today}"))));
    Some(today)
}

/// Gives everything in a recipe the name of today, wherever it stands. Places stay what they were.
pub(crate) fn bring_up_to_date(table: &mut DeTable) {
    for (key, value) in table.iter_mut() {
        rename(key.get_ref(), value);
        below(value);
    }
}

fn below(value: &mut Spanned<DeValue>) {
    match value.get_mut() {
        DeValue::Table(table) => bring_up_to_date(table),
        DeValue::Array(items) => items.iter_mut().for_each(below),
        _ => {}
    }
}

/// A part that stands under a key: its bare name, a table of one key, or a list of these.
fn rename(key: &str, value: &mut Spanned<DeValue>) {
    match value.get_mut() {
        DeValue::String(name) => {
            if let Some(today) = today(key, name) {
                *name = Cow::Borrowed(today);
            }
        }
        DeValue::Table(table) => {
            let former = table.keys().find_map(|name| Some((name.clone(), today(key, name.get_ref())?)));
            if let Some((name, today)) = former
                && let Some(settings) = table.remove(name.get_ref().as_ref())
            {
                table.insert(Spanned::new(name.span(), Cow::Borrowed(today)), settings);
            }
        }
        DeValue::Array(items) => items.iter_mut().for_each(|item| rename(key, item)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Override, read};

    #[test]
    fn old_recipes_and_overrides_are_read_with_the_names_of_today() {
        let set = Override::parse("roles.value.learn.prospect.beta=0.5").expect("a setting");
        let source = "learn = \"prospect\"\nprospect = 1\n[roles.value]\nlearn = { prospect = { lr = 1e-3 } }\n";
        let (_, text) = read::<toml::Table>("old.toml", source, &[set]).expect("it is read");
        let today =
            "learn = \"kto\"\nprospect = 1\nroles = { value = { learn = { kto = { lr = 0.001, beta = 0.5 } } } }\n";
        let (_, expected) = read::<toml::Table>("new.toml", today, &[]).expect("it is read");
        assert_eq!(text, expected);
        assert_eq!(met_former_names(), [("learn.prospect".to_owned(), "learn.kto".to_owned())]);
        assert_eq!(met_former_names(), []);
    }
}
