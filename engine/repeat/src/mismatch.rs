//! Whether what is chosen is what is learned from: refused before anything is sampled.

use choose::ChoosePart;
use learn::LearnPart;
use nouns::LessonKind;

use crate::adapt::Adapt;
use crate::entry::POLICY;
use crate::fault::RepeatFault;
use crate::recipe::Recipe;
use crate::state::beside;

/// Refuses a recipe whose choice leaves another kind of lesson than its learner executes, before
/// anything is sampled.
pub(crate) fn refuse_mismatch(recipe: &Recipe) -> Result<(), RepeatFault> {
    let Some(learn) = &recipe.learn else { return Ok(()) };
    refuse_other_lessons(&recipe.choose, learn)?;
    let part = learn.describe().name();
    if learn.needs_average() && recipe.repeat.average == 0.0 {
        return Err(RepeatFault::NoAverage { part });
    }
    if recipe.base.replay > 0.0 && learn.takes() != LessonKind::Stream {
        let made = LessonKind::Stream;
        return Err(RepeatFault::Mismatch { part, takes: learn.takes(), made, cure: "set `base.replay` to 0" });
    }
    Ok(())
}

pub(crate) fn refuse_other_lessons(choose: &[ChoosePart], learn: &LearnPart) -> Result<(), RepeatFault> {
    let made = choose.iter().filter_map(|part| part.makes()).next_back().unwrap_or(LessonKind::Stream);
    match made == learn.takes() {
        true => Ok(()),
        false => {
            let part = learn.describe().name();
            Err(RepeatFault::Mismatch { part, takes: learn.takes(), made, cure: cure(learn) })
        }
    }
}

fn cure(learn: &LearnPart) -> &'static str {
    match learn.takes() {
        LessonKind::Stream => "leave out of `choose` what makes something else of the attempts, or use another `learn`",
        LessonKind::Pair => "let `choose` end with `pairs`",
        LessonKind::Judged => "let `choose` end with `label`",
        LessonKind::Rollout => "let `choose` end with `advantages`",
        LessonKind::Valued => "let `choose` end with `targets`",
        LessonKind::Viewed => "let `choose` end with `views`",
    }
}

impl Adapt {
    /// Refuses what would read right answers, or learn from something else than is chosen.
    pub(crate) fn refuse_unfit(&self) -> Result<(), RepeatFault> {
        let asks =
            self.check.iter().any(|part| part.needs_oracle()) || self.attempt.iter().any(|part| part.needs_oracle());
        match (asks, self.names_another_model()) {
            (true, _) => Err(RepeatFault::AdaptsToAnswers),
            (_, Some(model)) => Err(RepeatFault::AdaptsByModel { model: model.into() }),
            _ => refuse_other_lessons(&self.choose, &self.learn),
        }
    }

    /// A model beside the copy that is asked: there is none where this is used.
    fn names_another_model(&self) -> Option<&str> {
        let valued = self.check.iter().flat_map(|part| part.value_models());
        let asked = self.check.iter().flat_map(|part| part.models()).chain(beside(&self.attempt));
        valued.chain(asked.filter(|name| *name != POLICY)).chain(self.learn.teacher()).next()
    }
}
