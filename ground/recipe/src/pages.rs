use std::ops::Range;

use crate::place::Place;

/// The texts a recipe is made of: its file, and every `--set`. Laid end to end, so that one number
/// says which text and where in it; the parser then needs to know nothing of overrides to blame the
/// right one.
pub(crate) struct Pages<'a> {
    pages: Vec<Page<'a>>,
}

struct Page<'a> {
    kind: Kind<'a>,
    text: &'a str,
    start: usize,
}

enum Kind<'a> {
    File(&'a str),
    Override,
}

impl<'a> Pages<'a> {
    pub(crate) fn of_file(name: &'a str, text: &'a str) -> Self {
        Pages { pages: vec![Page { kind: Kind::File(name), text, start: 0 }] }
    }

    /// Adds the text of a `--set` and says where it starts.
    pub(crate) fn add_override(&mut self, text: &'a str) -> usize {
        let start = self.pages.last().map_or(0, |last| last.start + last.text.len() + 1);
        self.pages.push(Page { kind: Kind::Override, text, start });
        start
    }

    /// What to draw for a range of the texts laid end to end. An empty range at the very start is
    /// what the parser gives for the recipe as a whole: a key that is missing has no place.
    pub(crate) fn place(&self, range: Range<usize>) -> Box<Place> {
        let page = self.pages.iter().rev().find(|page| page.start <= range.start).unwrap_or(&self.pages[0]);
        let range = range.start - page.start..range.end.saturating_sub(page.start);
        Box::new(match page.kind {
            Kind::File(name) if range == (0..0) => Place::whole_file(name),
            Kind::File(name) => Place::in_file(name, page.text, range),
            Kind::Override => Place::in_override(page.text, range),
        })
    }
}
