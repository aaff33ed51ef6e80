use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::fault::RecipeFault;
use crate::overrides::{Override, Step};
use crate::pages::Pages;
use crate::place::Place;
use crate::renamed::bring_value_up_to_date;
use crate::shared::{Renamed, Shared, Twice};

type Node<'a> = Spanned<DeValue<'a>>;

/// Lays overrides over a parsed recipe. Their keys and values keep their places, as pages of their
/// own. Settings that go by older names are put into their tables, and told in `renamed`.
pub(crate) fn apply<'a>(
    root: Spanned<DeTable<'a>>,
    overrides: &'a [Override],
    shared: &[Shared],
    pages: &mut Pages<'a>,
    renamed: &mut Vec<Renamed>,
) -> Result<Spanned<DeTable<'a>>, RecipeFault> {
    let mut node = Spanned::new(root.span(), DeValue::Table(root.into_inner()));
    for one in shared {
        one.settle(&mut node, Twice::Refused, pages, renamed)?;
    }
    for setting in overrides {
        let start = pages.add_override(setting.text());
        let mut value = value(setting, start, pages)?;
        if let Some(key) = setting.path().iter().rev().find(|step| step.name.parse::<usize>().is_err()) {
            bring_value_up_to_date(&key.name, &mut value).map_err(|both| both.fault(pages))?;
        }
        Walk { setting, start, pages, shared }.set(&mut node, value)?;
        for one in shared {
            one.settle(&mut node, Twice::OlderHolds, pages, renamed)?;
        }
    }
    let span = node.span();
    match node.into_inner() {
        DeValue::Table(table) => Ok(Spanned::new(span, table)),
        _ => Ok(Spanned::new(span, DeTable::new())), // a path has at least one step, so the root stays a table
    }
}

/// The value as TOML, else as text. What opens like a TOML list, table or quotation is meant as
/// one.
fn value<'a>(setting: &'a Override, start: usize, pages: &Pages) -> Result<Node<'a>, RecipeFault> {
    let range = setting.value_range();
    let text = &setting.text()[range.clone()];
    let shift = start + range.start;
    match DeValue::parse(text) {
        Ok(node) => Ok(shifted(node, shift)),
        Err(error) if text.starts_with(['[', '{', '"', '\'']) => {
            let at = error.span().unwrap_or(0..text.len());
            let place = pages.place(at.start + shift..at.end + shift);
            Err(RecipeFault::Syntax { what: error.message().to_owned(), place })
        }
        Err(_) => Ok(Spanned::new(shift..shift + text.len(), DeValue::String(Cow::Borrowed(text)))),
    }
}

/// The same node, its places moved.
fn shifted(node: Node<'_>, by: usize) -> Node<'_> {
    let range = moved(node.span(), by);
    let value = match node.into_inner() {
        DeValue::Table(table) => {
            let entry = |(key, value)| (respanned(key, by), shifted(value, by));
            DeValue::Table(table.into_iter().map(entry).collect())
        }
        DeValue::Array(mut array) => {
            for item in array.iter_mut() {
                *item = shifted(std::mem::replace(item, Spanned::new(0..0, DeValue::Boolean(false))), by);
            }
            DeValue::Array(array)
        }
        leaf => leaf,
    };
    Spanned::new(range, value)
}

fn respanned<T>(spanned: Spanned<T>, by: usize) -> Spanned<T> {
    let range = moved(spanned.span(), by);
    Spanned::new(range, spanned.into_inner())
}

fn moved(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// One override on its way down the recipe.
struct Walk<'w, 'a> {
    setting: &'a Override,
    /// Where the override's text starts among the pages.
    start: usize,
    pages: &'w Pages<'a>,
    shared: &'w [Shared],
}

impl<'a> Walk<'_, 'a> {
    fn set(&self, root: &mut Node<'a>, value: Node<'a>) -> Result<(), RecipeFault> {
        let mut node = root;
        let mut under: Option<&Shared> = None;
        for (depth, step) in self.setting.path().iter().enumerate() {
            if let Some(shared) = under.filter(|shared| shared.is_setting(&step.name)) {
                node = the_part(node, shared);
            }
            node = self.below(node, depth)?;
            under = self.shared.iter().find(|shared| shared.key == step.name);
        }
        // What was a plain setting is a table now, which a plain value does not replace.
        let last = self.setting.path().last().filter(|_| !value.get_ref().is_table());
        let inner = last.and_then(|step| Some((self.shared.iter().find_map(|one| one.once_plain(&step.name))?, step)));
        if let (Some((name, step)), DeValue::Table(table)) = (inner, node.get_mut()) {
            table.insert(Spanned::new(moved(step.range.clone(), self.start), Cow::Borrowed(name)), value);
            return Ok(());
        }
        *node = value;
        Ok(())
    }

    /// What the step at this depth leads to. A list entered by a part's name leads to that part's
    /// settings.
    fn below<'n>(&self, node: &'n mut Node<'a>, depth: usize) -> Result<&'n mut Node<'a>, RecipeFault> {
        let step = &self.setting.path()[depth];
        let span = node.span();
        self.open_part(node, step);
        match node.get_mut() {
            DeValue::Table(table) => {
                let key = Spanned::new(moved(step.range.clone(), self.start), Cow::Borrowed(step.name.as_str()));
                let empty = || Spanned::new(moved(step.range.clone(), self.start), DeValue::Table(DeTable::new()));
                Ok(table.entry(key).or_insert_with(empty))
            }
            DeValue::Array(array) => match self.index(array, depth)? {
                Item::Numbered(index) => Ok(&mut (**array)[index]),
                Item::Named(index) => self.below(&mut (**array)[index], depth),
            },
            leaf => Err(self.nowhere(leaf, span, depth)),
        }
    }

    /// A part written as its bare name becomes a table, so that settings can be put into it.
    fn open_part(&self, node: &mut Node<'a>, step: &'a Step) {
        if node.get_ref().as_str() == Some(step.name.as_str()) {
            let mut table = DeTable::new();
            let key = Spanned::new(node.span(), Cow::Borrowed(step.name.as_str()));
            table.insert(key, Spanned::new(node.span(), DeValue::Table(DeTable::new())));
            *node = Spanned::new(node.span(), DeValue::Table(table));
        }
    }

    /// The item of a list that a step means.
    fn index(&self, array: &DeArray<'a>, depth: usize) -> Result<Item, RecipeFault> {
        let step = &self.setting.path()[depth];
        if let Some(index) = step.name.parse().ok().filter(|&index: &usize| index < array.len()) {
            return Ok(Item::Numbered(index));
        }
        let names: Vec<Option<&str>> = array.iter().map(|item| part_name(item.get_ref())).collect();
        let found: Vec<usize> = (0..names.len()).filter(|&i| names[i] == Some(step.name.as_str())).collect();
        match found[..] {
            [index] => Ok(Item::Named(index)),
            [] => Err(self.not_in_list(&names, depth)),
            _ => Err(self.ambiguous(&found, depth)),
        }
    }

    fn not_in_list(&self, names: &[Option<&str>], depth: usize) -> RecipeFault {
        let step = self.setting.path()[depth].name.clone();
        let what = match names.len() {
            0 => format!("the list `{}` is empty", self.path(depth)),
            n => format!("`{step}` is not one of the {n} in the list `{}`", self.path(depth)),
        };
        let numbers = (0..names.len()).map(|index| index.to_string());
        let valid = numbers.chain(names.iter().flatten().map(|&name| name.to_owned())).collect();
        RecipeFault::Nowhere { what, step, valid, place: self.place(depth) }
    }

    fn ambiguous(&self, found: &[usize], depth: usize) -> RecipeFault {
        let name = self.setting.path()[depth].name.clone();
        let rest: Vec<&str> = self.setting.path()[depth..].iter().map(|step| step.name.as_str()).collect();
        let list = self.path(depth);
        let choices = found.iter().map(|index| format!("{list}.{index}.{}", rest.join("."))).collect();
        RecipeFault::Ambiguous { name, choices, place: self.place(depth) }
    }

    fn nowhere(&self, leaf: &DeValue, span: Range<usize>, depth: usize) -> RecipeFault {
        let step = self.setting.path()[depth].name.clone();
        let above = self.path(depth);
        let (what, valid) = match leaf {
            DeValue::String(text) if span.start < self.start => {
                (format!("`{above}` is \"{text}\""), vec![text.to_string()])
            }
            leaf => (format!("`{above}` is a value ({}), with nothing below it", leaf.type_str()), vec![]),
        };
        RecipeFault::Nowhere { what, step, valid, place: self.place(depth) }
    }

    /// The path above this depth, as it was typed.
    fn path(&self, depth: usize) -> String {
        let steps: Vec<&str> = self.setting.path()[..depth].iter().map(|step| step.name.as_str()).collect();
        steps.join(".")
    }

    fn place(&self, depth: usize) -> Box<Place> {
        self.pages.place(moved(self.setting.path()[depth].range.clone(), self.start))
    }
}

/// The settings of the part under a shared key, where one part stands there by name; else what
/// stands there.
fn the_part<'n, 'a>(node: &'n mut Node<'a>, shared: &Shared) -> &'n mut Node<'a> {
    let span = node.span();
    if let DeValue::String(name) = node.get_ref()
        && shared.is_part(name)
    {
        let settings = Spanned::new(span.clone(), DeValue::Table(DeTable::new()));
        let mut table = DeTable::new();
        table.insert(Spanned::new(span.clone(), name.clone()), settings);
        *node = Spanned::new(span, DeValue::Table(table));
    }
    let named = match node.get_ref() {
        DeValue::Table(table) if table.len() == 1 => {
            table.keys().next().map(|key| key.get_ref().clone()).filter(|name| shared.is_part(name))
        }
        _ => None,
    };
    match named {
        Some(name) => match node.get_mut() {
            DeValue::Table(table) => {
                let empty = || Spanned::new(0..0, DeValue::Table(DeTable::new()));
                table.entry(Spanned::new(0..0, name)).or_insert_with(empty)
            }
            _ => unreachable!("a name was found in a table"),
        },
        None => node,
    }
}

/// How a step found its item of a list.
enum Item {
    /// By number: the step is used up.
    Numbered(usize),
    /// By the name of a part: the step leads on, into that part.
    Named(usize),
}

/// The part's name, if this can be one: a string, or the key of a table of one key.
fn part_name<'n>(node: &'n DeValue<'_>) -> Option<&'n str> {
    match node {
        DeValue::String(name) => Some(name),
        DeValue::Table(table) if table.len() == 1 => table.keys().next().map(|key| key.get_ref().as_ref()),
        _ => None,
    }
}
