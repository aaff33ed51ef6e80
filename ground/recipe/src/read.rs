use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use crate::apply::apply;
use crate::canonical::canonical;
use crate::fault::RecipeFault;
use crate::header::header;
use crate::overrides::Override;
use crate::pages::Pages;
use crate::range::setting_of;
use crate::renamed::bring_up_to_date;
use crate::serde_words::fault_of;
use crate::shared::{Renamed, Shared};

/// Reads a recipe, with overrides laid over it. Also gives the text of what was read: the recipe's
/// own header comments, then its keys in its own order and one form of writing; that is what a run
/// folder keeps.
///
/// `name` is what errors call the file.
pub fn read<T: DeserializeOwned>(name: &str, source: &str, overrides: &[Override]) -> Result<(T, String), RecipeFault> {
    let read = read_shared(name, source, overrides, &[], &[])?;
    Ok((read.value, read.text))
}

/// What was read of a recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Read<T> {
    /// The recipe.
    pub value: T,
    /// Its text, in one form of writing, with the overrides in it.
    pub text: String,
    /// The settings that it, or an override, called by older names: each once.
    pub renamed: Vec<Renamed>,
    /// What to tell people who write older keys.
    pub keys: Vec<String>,
}

/// [`read()`] of a recipe whose parts share tables of settings. `former` says what top-level keys
/// were called and are called now, in files and overrides alike.
pub fn read_shared<T: DeserializeOwned>(
    name: &str,
    source: &str,
    overrides: &[Override],
    shared: &[Shared],
    former: &[(&str, &str)],
) -> Result<Read<T>, RecipeFault> {
    let overrides: Vec<Override> = overrides.iter().map(|setting| setting.renamed(former)).collect();
    let mut pages = Pages::of_file(name, source);
    let mut parsed = DeTable::parse(source).map_err(|error| syntax(&error, &pages))?;
    bring_up_to_date(parsed.get_mut()).map_err(|both| both.fault(&pages))?;
    let (parsed, keys) = in_new_words(parsed, former);
    let mut renamed = Vec::new();
    let table = apply(parsed, &overrides, shared, &mut pages, &mut renamed)?;
    if let Some(place) = no_number(table.get_ref()) {
        return Err(RecipeFault::Value {
            what: "it is no number that can be counted with".into(),
            place: pages.place(place),
        });
    }
    let value = T::deserialize(Deserializer::from(table.clone())).map_err(|error| {
        let place = at_setting(&error, &table).or_else(|| error.span()).unwrap_or(0..0);
        fault_of(error.message(), pages.place(place))
    })?;
    let plain = toml::Table::deserialize(Deserializer::from(table)).map_err(|error| misfit(&error, &pages))?;
    renamed.sort_unstable();
    renamed.dedup();
    Ok(Read { value, text: format!("{}{}", header_lines(source), canonical(plain)), renamed, keys })
}

/// The same table with its keys as they are called now. An older key beside the newer one stays,
/// and is refused as unknown.
fn in_new_words<'a>(table: Spanned<DeTable<'a>>, renamed: &[(&str, &str)]) -> (Spanned<DeTable<'a>>, Vec<String>) {
    let (span, table) = (table.span(), table.into_inner());
    let known: Vec<String> = table.keys().map(|key| key.get_ref().to_string()).collect();
    let mut hints = Vec::new();
    let key = |key: Spanned<Cow<'a, str>>, hints: &mut Vec<String>| {
        let now = renamed.iter().find(|(old, now)| *old == key.get_ref() && !known.iter().any(|key| key == now));
        let Some((old, now)) = now else { return key };
        hints.push(format!("`{old}` is called `{now}` now: write [{now}.NAME] for [{old}.NAME]"));
        Spanned::new(key.span(), Cow::Owned((*now).to_owned()))
    };
    let table = table.into_iter().map(|(name, value)| (key(name, &mut hints), value)).collect();
    (Spanned::new(span, table), hints)
}

/// A fault of a setting's range is found once its whole table was read: this is where the setting's
/// value stands.
fn at_setting(error: &Error, table: &Spanned<DeTable<'_>>) -> Option<Range<usize>> {
    let (name, place) = (setting_of(error.message())?, error.span()?);
    value_of(table.get_ref(), name, &table.span(), &place)
}

/// Where the first number stands that is not finite: no setting means anything by one.
fn no_number(table: &DeTable<'_>) -> Option<Range<usize>> {
    fn within(value: &Spanned<DeValue<'_>>) -> Option<Range<usize>> {
        match value.get_ref() {
            DeValue::Float(float) if float.as_str().ends_with(['n', 'f']) => Some(value.span()),
            DeValue::Table(table) => no_number(table),
            DeValue::Array(array) => array.iter().find_map(within),
            _ => None,
        }
    }
    table.iter().find_map(|(_, value)| within(value))
}

/// Where the value of a key stands, in the table at a place.
fn value_of(table: &DeTable<'_>, name: &str, at: &Range<usize>, place: &Range<usize>) -> Option<Range<usize>> {
    let own = table.iter().find(|(key, _)| at == place && key.get_ref() == name).map(|(_, value)| value.span());
    own.or_else(|| table.iter().find_map(|(_, value)| below(value, name, place)))
}

fn below(value: &Spanned<DeValue<'_>>, name: &str, place: &Range<usize>) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => value_of(table, name, &value.span(), place),
        DeValue::Array(array) => array.iter().find_map(|value| below(value, name, place)),
        _ => None,
    }
}

fn syntax(error: &Error, pages: &Pages) -> RecipeFault {
    let what = error.message().lines().collect::<Vec<_>>().join(", ");
    RecipeFault::Syntax { what, place: pages.place(error.span().unwrap_or(0..0)) }
}

fn misfit(error: &Error, pages: &Pages) -> RecipeFault {
    fault_of(error.message(), pages.place(error.span().unwrap_or(0..0)))
}

/// The header as comments again.
fn header_lines(source: &str) -> String {
    header(source).lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect()
}
