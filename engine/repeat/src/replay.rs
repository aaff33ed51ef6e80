//! Fresh examples of a world's language among the lessons, so that a model made from nothing does
//! not forget it.

use faults::Outcome;
use nouns::{Key, Lesson};
use tokens::Tokens;

use crate::state::Loop;

impl Loop<'_> {
    /// The share of language among the lessons: only a model made from nothing has a language to
    /// remember.
    pub(crate) fn replayed(&self) -> f64 {
        if self.from_nothing { self.recipe.base.replay } else { 0.0 }
    }

    /// Fresh examples of the language, as many as the recipe wants beside these lessons.
    pub(crate) fn replay(&self, key: &Key, tokens: &Tokens, lessons: &[Lesson]) -> Outcome<Vec<Lesson>> {
        let (data, base) = (self.data, &self.recipe.base);
        let taught: usize = lessons.iter().map(Lesson::tokens).sum();
        let wanted = (taught as f64 * self.replayed()) as usize;
        // Examples are about as long as the longest answer; a few too many are cut off.
        let examples = 2 * wanted as u64 / u64::from(data.world.longest_answer().max(1));
        let held_out = |id: &str| data.is_held_out(id);
        let drawn = base.lessons(examples, &key.of("replay"), data.world.as_ref(), tokens, &held_out)?;
        let mut room = wanted;
        let fits = |lesson: &Lesson| {
            let fits = lesson.tokens() <= room;
            room = room.saturating_sub(lesson.tokens());
            fits
        };
        Ok(drawn.into_iter().take_while(fits).collect())
    }
}
