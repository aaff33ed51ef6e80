//! Lessons of the kind that a learner can execute; others are refused.

use nouns::{Lesson, LessonKind};

use crate::fault::LearnFault;

/// What `pick` finds in every lesson. A lesson in which it finds nothing is refused.
pub(crate) fn only<'a, T>(
    part: &'static str,
    wanted: LessonKind,
    lessons: &'a [Lesson],
    pick: impl Fn(&'a Lesson) -> Option<T>,
) -> Result<Vec<T>, LearnFault> {
    let found = |lesson: &'a Lesson| pick(lesson).ok_or(LearnFault::Kind { part, wanted, given: lesson.kind() });
    lessons.iter().map(found).collect()
}
