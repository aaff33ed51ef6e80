use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Deserializer, Error};

use crate::apply::apply;
use crate::canonical::canonical;
use crate::fault::RecipeFault;
use crate::header::header;
use crate::overrides::Override;
use crate::pages::Pages;
use crate::serde_words::fault_of;

/// Reads a recipe, with overrides laid over it. Also gives the text of what was read: the recipe's own header comments,
/// then its keys in its own order and one form of writing; that is what a run folder keeps.
///
/// `name` is what errors call the file.
pub fn read<T: DeserializeOwned>(name: &str, source: &str, overrides: &[Override]) -> Result<(T, String), RecipeFault> {
    let mut pages = Pages::of_file(name, source);
    let parsed = DeTable::parse(source).map_err(|error| syntax(&error, &pages))?;
    let table = apply(parsed, overrides, &mut pages)?;
    let value = T::deserialize(Deserializer::from(table.clone())).map_err(|error| misfit(&error, &pages))?;
    let plain = toml::Table::deserialize(Deserializer::from(table)).map_err(|error| misfit(&error, &pages))?;
    Ok((value, format!("{}{}", header_lines(source), canonical(plain))))
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
