//! Former names of parts and settings: read as those of today, and kept in fingerprints.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::RecipeFault;
use crate::pages::Pages;

/// By the key or part that a name stands under: what it was, and what it is.
type Names = BTreeMap<String, BTreeMap<String, String>>;

/// `renamed.toml`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Renames {
    /// Parts, by the key that they stand under.
    parts: Names,
    /// Settings, by the part that they are of.
    settings: Names,
    /// What fingerprints call a part, by its name today.
    fingerprints: BTreeMap<String, String>,
}

thread_local! {
    static MET: RefCell<BTreeSet<(String, String)>> = const { RefCell::new(BTreeSet::new()) };
}

/// A table that has a setting by its former name and by today's.
pub(crate) struct Both {
    former: String,
    today: &'static str,
    /// Where the former name stands.
    at: Range<usize>,
}

impl Both {
    /// The fault of a recipe with such a table, whose texts are `pages`.
    pub(crate) fn fault(self, pages: &Pages) -> RecipeFault {
        let what = format!("`{}` is the former name of `{}`, which stands here too", self.former, self.today);
        RecipeFault::Value { what, place: pages.place(self.at) }
    }
}

/// The former names that were read in this thread since it was asked last, each with that of today:
/// for a hint.
pub fn met_former_names() -> Vec<(String, String)> {
    MET.take().into_iter().collect()
}

/// Today's name of a part by one of its former names.
pub fn renamed_part(former: &str) -> Option<&'static str> {
    renames().parts.values().find_map(|names| names.get(former)).map(String::as_str)
}

/// What fingerprints call a part: the name that it had when fingerprints first named it, so that
/// renaming it makes no stage of an older run stale.
pub fn name_in_fingerprints(part: &str) -> &str {
    renames().fingerprints.get(part).map_or(part, String::as_str)
}

/// The values of a part with the former names of their settings and parts, at any depth: what
/// fingerprints are made of, so that renaming a setting makes no stage of an older run stale.
pub fn with_former_names(part: &str, values: &Value) -> Value {
    match values {
        Value::Array(items) => items.iter().map(|item| with_former_names(part, item)).collect(),
        Value::Object(settings) => {
            let named = |(name, value): (&String, &Value)| {
                let former = former(part, name).unwrap_or_else(|| name_in_fingerprints(name));
                (former.to_owned(), with_former_names(name, value))
            };
            Value::Object(settings.iter().map(named).collect())
        }
        leaf => leaf.clone(),
    }
}

fn renames() -> &'static Renames {
    static RENAMES: OnceLock<Renames> = OnceLock::new();
    RENAMES.get_or_init(|| toml::from_str(include_str!("renamed.toml")).unwrap_or_default())
}

fn former(part: &str, setting: &str) -> Option<&'static str> {
    let names = renames().settings.get(part)?;
    names.iter().find(|(_, today)| *today == setting).map(|(former, _)| former.as_str())
}

/// Today's name of what stands under `key`: a part, or a setting of the part `key`.
pub(crate) fn today(key: &str, name: &str) -> Option<&'static str> {
    let Renames { parts, settings, .. } = renames();
    let today = [parts, settings].into_iter().find_map(|names| names.get(key)?.get(name))?;
    MET.with_borrow_mut(|met| met.insert((format!("{key}.{name}"), format!("{key}.{today}"))));
    Some(today)
}

/// Gives everything in a recipe today's name, wherever it stands. Places stay what they were.
pub(crate) fn bring_up_to_date(table: &mut DeTable) -> Result<(), Both> {
    table.iter_mut().try_for_each(|(key, value)| bring_value_up_to_date(key.get_ref(), value))
}

/// The same for what is laid over a recipe under a key.
pub(crate) fn bring_value_up_to_date(key: &str, value: &mut Spanned<DeValue>) -> Result<(), Both> {
    rename(key, value)?;
    below(value)
}

fn below(value: &mut Spanned<DeValue>) -> Result<(), Both> {
    match value.get_mut() {
        DeValue::Table(table) => bring_up_to_date(table),
        DeValue::Array(items) => items.iter_mut().try_for_each(below),
        _ => Ok(()),
    }
}

/// What stands under a key: a part's bare name, a table of parts or of settings, or a list of
/// these.
fn rename(key: &str, value: &mut Spanned<DeValue>) -> Result<(), Both> {
    match value.get_mut() {
        DeValue::String(name) => {
            if let Some(today) = today(key, name) {
                *name = Cow::Borrowed(today);
            }
        }
        DeValue::Table(table) => {
            let formers: Vec<_> =
                table.keys().filter_map(|name| Some((name.clone(), today(key, name.get_ref())?))).collect();
            for (name, today) in formers {
                if table.contains_key(today) {
                    let former = name.get_ref().to_string();
                    return Err(Both { former, today, at: name.span() });
                }
                if let Some(value) = table.remove(name.get_ref().as_ref()) {
                    table.insert(Spanned::new(name.span(), Cow::Borrowed(today)), value);
                }
            }
        }
        DeValue::Array(items) => items.iter_mut().try_for_each(|item| rename(key, item))?,
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Override, RecipeFault, read};

    fn text(source: &str, set: &[&str]) -> Result<String, RecipeFault> {
        let overrides: Vec<Override> = set.iter().map(|text| Override::parse(text).expect("a setting")).collect();
        read::<toml::Table>("r.toml", source, &overrides).map(|(_, text)| text)
    }

    #[test]
    fn old_recipes_and_overrides_are_read_with_the_names_of_today() {
        let source = "learn = \"prospect\"\nprospect = 1\n[roles.value]\nlearn = { prospect = { lr = 1e-3 } }\n";
        let today =
            "learn = \"kto\"\nprospect = 1\nroles = { value = { learn = { kto = { lr = 0.001, beta = 0.5 } } } }\n";
        let old = text(source, &["roles.value.learn.prospect.beta=0.5"]).expect("it is read");
        assert_eq!(met_former_names(), [("learn.prospect".to_owned(), "learn.kto".to_owned())]);
        let chosen =
            text("choose = [{ advantages = {} }, \"held\"]\n", &["choose.held.first=0.5"]).expect("it is read");
        assert_eq!(chosen, "choose = [{ advantages = {} }, { kl_by_turn = { first = 0.5 } }]\n");
        assert_eq!(met_former_names(), [("choose.held".to_owned(), "choose.kl_by_turn".to_owned())]);
        assert_eq!(old, text(today, &[]).expect("it is read"));
        assert_eq!(met_former_names(), []);
    }

    #[test]
    fn settings_are_read_by_their_former_names_in_files_paths_and_values() {
        let today = "check = [{ critic = { model = \"judge\" } }, { weighted = { of = { a = { check = { critic = \
                     { model = \"judge\" } } } } } }]\nmeasure = [\"accuracy\", { ranked = { k = 4, model = \"judge\" } }]\n";
        let wanted = text(today, &[]).expect("it is read");
        let older = today.replace("model", "role");
        assert_eq!(text(&older, &[]).expect("it is read"), wanted);
        let hints = ["critic", "ranked"].map(|part| (format!("{part}.role"), format!("{part}.model")));
        assert_eq!(met_former_names(), hints);
        let other = older.replace("k = 4, role = \"judge\"", "k = 4, role = \"other\"");
        for set in ["measure.ranked.role=judge", "measure=[\"accuracy\", { ranked = { k = 4, role = \"judge\" } }]"] {
            assert_eq!(text(&other, &[set]).expect("it is read"), wanted, "{set}");
        }
        assert_eq!(text(&other, &["measure.1={ ranked = { k = 4, role = \"judge\" } }"]).expect("it is read"), wanted);
    }

    #[test]
    fn a_setting_by_both_of_its_names_is_refused() {
        let both = "check = [{ critic = { role = \"a\", model = \"b\" } }]\n";
        let fault = text(both, &[]).expect_err("two things are said");
        assert_eq!(fault.to_string(), "`role` is the former name of `model`, which stands here too");
        let fault = text("a = 1\n", &["check=[{ critic = { role = \"a\", model = \"b\" } }]"]);
        assert_eq!(
            fault.expect_err("the same").to_string(),
            "`role` is the former name of `model`, which stands here too"
        );
    }

    #[test]
    fn fingerprints_keep_former_names_at_any_depth() {
        let values = json!({ "of": { "a": { "check": { "critic": { "model": "judge", "over": "last" } } } } });
        let former = json!({ "of": { "a": { "check": { "critic": { "role": "judge", "over": "last" } } } } });
        assert_eq!(with_former_names("weighted", &values), former);
        let phase = json!({ "rounds": 1, "choose": [{ "kl_by_turn": { "first": 1.0 } }] });
        let former = json!({ "rounds": 1, "choose": [{ "held": { "first": 1.0 } }] });
        assert_eq!(with_former_names("phase", &phase), former);
        assert_eq!(["kl_by_turn", "kto"].map(name_in_fingerprints), ["held", "kto"]);
        assert_eq!(with_former_names("judge", &json!({ "model": "policy" })), json!({ "model": "policy" }));
    }
}
