use std::borrow::Cow;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::RecipeFault;
use crate::pages::Pages;

type Node<'a> = Spanned<DeValue<'a>>;

/// Tables of settings that all parts under one key have.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// The key that the parts stand under: `learn`.
    pub key: &'static str,
    /// The parts' names. A table under the key that has none of them holds the settings of a part
    /// itself.
    pub parts: &'static [&'static str],
    /// The tables that each of the parts has.
    pub tables: &'static [&'static str],
    /// The names that settings had before they stood in tables: `(older name, table, name)`.
    /// Recipes may still say them. One that is now a table's name comes first.
    pub older: &'static [(&'static str, &'static str, &'static str)],
}

/// A setting that a recipe or a `--set` called by its older name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renamed {
    /// What it was called.
    pub older: &'static str,
    /// The table it stands in.
    pub table: &'static str,
    /// What it is called there.
    pub name: &'static str,
}

/// What is done with a setting that stands there by both names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twice {
    /// It is refused: one file says two things.
    Refused,
    /// The older name was said later, in a `--set`, and holds.
    OlderHolds,
}

impl Shared {
    /// Puts settings that go by older names into their tables, anywhere below a node.
    pub(crate) fn settle<'a>(
        &self,
        node: &mut Node<'a>,
        twice: Twice,
        pages: &Pages,
        found: &mut Vec<Renamed>,
    ) -> Result<(), RecipeFault> {
        match node.get_mut() {
            DeValue::Array(items) => items.iter_mut().try_for_each(|item| self.settle(item, twice, pages, found)),
            DeValue::Table(table) => {
                for (key, value) in table.iter_mut() {
                    if key.get_ref() == self.key {
                        self.settle_parts(value, twice, pages, found)?;
                    }
                    self.settle(value, twice, pages, found)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The same for what stands under the key: parts by name, or the settings of one.
    fn settle_parts<'a>(
        &self,
        node: &mut Node<'a>,
        twice: Twice,
        pages: &Pages,
        found: &mut Vec<Renamed>,
    ) -> Result<(), RecipeFault> {
        let DeValue::Table(table) = node.get_mut() else { return Ok(()) };
        if !table.keys().any(|key| self.is_part(key.get_ref())) {
            return self.settle_settings(table, twice, pages, found);
        }
        for (_, value) in table.iter_mut().filter(|(key, _)| self.is_part(key.get_ref())) {
            if let DeValue::Table(settings) = value.get_mut() {
                self.settle_settings(settings, twice, pages, found)?;
            }
        }
        Ok(())
    }

    fn settle_settings<'a>(
        &self,
        settings: &mut DeTable<'a>,
        twice: Twice,
        pages: &Pages,
        found: &mut Vec<Renamed>,
    ) -> Result<(), RecipeFault> {
        for &(older, table, name) in self.older {
            let stands = settings.get(older).is_some_and(|value| older != table || !value.get_ref().is_table());
            let Some((key, value)) = stands.then(|| settings.remove_entry(older)).flatten() else { continue };
            found.push(Renamed { older, table, name });
            let at = key.span();
            let empty = || Spanned::new(at.clone(), DeValue::Table(DeTable::new()));
            let into = settings.entry(Spanned::new(at.clone(), Cow::Borrowed(table))).or_insert_with(empty);
            let DeValue::Table(into) = into.get_mut() else { continue };
            if twice == Twice::Refused && into.contains_key(name) {
                let what = format!("`{older}` is the older name of `{table}.{name}`, which stands here too");
                return Err(RecipeFault::Value { what, place: pages.place(at) });
            }
            into.insert(Spanned::new(at, Cow::Borrowed(name)), value);
        }
        Ok(())
    }

    pub(crate) fn is_part(&self, name: &str) -> bool {
        self.parts.contains(&name)
    }

    /// The name in its table of a setting that was called as the table is now.
    pub(crate) fn once_plain(&self, name: &str) -> Option<&'static str> {
        self.older.iter().find(|(older, table, _)| *older == name && older == table).map(|(_, _, now)| *now)
    }

    /// Whether a name can stand among a part's settings, as a table or by an older name.
    pub(crate) fn is_setting(&self, name: &str) -> bool {
        self.tables.contains(&name) || self.older.iter().any(|(older, _, _)| *older == name)
    }

    /// Values with these tables' settings by their older names, at any depth: what fingerprints are
    /// made of, so that they are the same whichever way a recipe says a thing, and those of runs
    /// that were made before there were tables.
    pub fn flattened(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.flattened(item)).collect(),
            Value::Object(object) => {
                let is_part = self.tables.iter().all(|table| object.get(*table).is_some_and(Value::is_object));
                let own = object.iter().filter(|(key, _)| !is_part || !self.tables.contains(&key.as_str()));
                let mut flat: serde_json::Map<String, Value> =
                    own.map(|(key, value)| (key.clone(), self.flattened(value))).collect();
                if is_part {
                    let setting = |(older, table, name): &(&str, &str, &str)| {
                        Some(((*older).to_owned(), object.get(*table)?.get(*name)?.clone()))
                    };
                    flat.extend(self.older.iter().filter_map(setting));
                }
                Value::Object(flat)
            }
            leaf => leaf.clone(),
        }
    }
}
