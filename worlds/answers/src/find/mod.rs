//! Where a text gives its answer: candidate marks, ranked by how explicit they are, and the value
//! cut out of its sentence.

mod alone;
mod announced;
mod cut;
mod marks;
mod numerals;
mod prose;

use crate::clean::clean;
pub(crate) use crate::mark::Mark;
use crate::read::read;

pub(crate) use alone::is_changed;
pub(crate) use cut::{but, complement, cuts, led, marked_cuts, sentence, unlabelled};
pub(crate) use numerals::numerals;
pub(crate) use prose::{affirmed, is_open, is_spoken_of, statements, subject};

/// A marked stretch of text, from the mark to where it ends or the text does.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    pub(crate) mark: Mark,
    pub(crate) text: String,
    /// Several boxes side by side, as one list.
    pub(crate) together: Option<String>,
}

impl Marked {
    pub(crate) fn new(mark: Mark, text: &str) -> Marked {
        Marked { mark, text: text.trim().to_owned(), together: None }
    }
}

/// The most explicit mark of a cleaned text, and among equal ones the last.
pub(crate) fn marked(text: &str) -> Option<Marked> {
    if let Some(field) = marks::field(text) {
        // "<answer>So it is \boxed{5}.</answer>"
        let inner = marked(&field).map(|inner| Marked { mark: Mark::Field, ..inner });
        return Some(inner.unwrap_or_else(|| Marked::new(Mark::Field, &field)));
    }
    match (marks::boxed(text), marks::hashes(text)) {
        (Some((at, found)), Some((other, hashes))) => Some(if other > at { hashes } else { found }),
        (Some((_, found)), None) | (None, Some((_, found))) => Some(found),
        (None, None) => announced::announced(text),
    }
}

/// What a text marks as its final answer, cut out of its sentence; `None` if nothing is marked.
pub fn final_answer(text: &str) -> Option<String> {
    let marked = marked(&clean(text))?;
    let cuts = cuts(&marked.text);
    let readable = cuts.iter().find(|cut| read(cut).is_ok());
    Some(readable.or(cuts.last()).cloned().unwrap_or_default())
}
