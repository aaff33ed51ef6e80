use std::ops::Range;

use crate::fault::RecipeFault;
use crate::place::Place;
use crate::renamed::today;

/// The deepest path: far more than a recipe has, and too few to exhaust the stack.
const DEEPEST: usize = 32;

/// One `--set path.to.key=value`.
///
/// A path follows the recipe's tables by key, and its lists by number
/// (`attempt.0.sample.per_task=64`) or by the name of a part that stands once in the list
/// (`attempt.sample.per_task=64`). The value is TOML; what is not TOML is text.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// As it was typed.
    text: String,
    /// The path, each step with its place in the text.
    path: Vec<Step>,
    /// The value's place in the text.
    value: Range<usize>,
}

/// One step of an override's path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// A key, a number, or a part's name.
    pub(crate) name: String,
    /// Where it stands in the text.
    pub(crate) range: Range<usize>,
}

impl Override {
    /// Splits `path.to.key=value`.
    pub fn parse(text: &str) -> Result<Self, RecipeFault> {
        let malformed = |what, range| RecipeFault::Malformed { what, place: Box::new(Place::in_override(text, range)) };
        let equals = text.find('=').ok_or_else(|| malformed("there is no `=`", text.len()..text.len() + 1))?;
        let mut path = steps(&text[..equals]);
        for step in 1..path.len() {
            if let Some(today) = today(&path[step - 1].name, &path[step].name) {
                path[step].name = today.to_owned();
            }
        }
        if let Some(empty) = path.iter().find(|step| step.name.is_empty()) {
            return Err(malformed("a step of the path is empty", empty.range.clone()));
        }
        if path.len() > DEEPEST {
            return Err(malformed("the path is too long", 0..equals));
        }
        let value = trimmed(text, equals + 1..text.len());
        if value.is_empty() {
            return Err(malformed("the value is missing", equals..equals + 1));
        }
        Ok(Override { text: text.to_owned(), path, value })
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same with its first step as that is called now.
    pub(crate) fn renamed(&self, renamed: &[(&str, &str)]) -> Override {
        let mut own = self.clone();
        for step in own.path.iter_mut().take(1) {
            if let Some((_, now)) = renamed.iter().find(|(old, _)| *old == step.name) {
                step.name = (*now).to_owned();
            }
        }
        own
    }

    pub(crate) fn path(&self) -> &[Step] {
        &self.path
    }

    pub(crate) fn value_range(&self) -> Range<usize> {
        self.value.clone()
    }
}

/// The steps of a path, each with its place.
fn steps(path: &str) -> Vec<Step> {
    let mut start = 0;
    let step = |name: &str| {
        let range = trimmed(path, start..start + name.len());
        start += name.len() + 1;
        Step { name: path[range.clone()].to_owned(), range }
    };
    path.split('.').map(step).collect()
}

/// The range without white space at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    start..start + slice.trim().len()
}
