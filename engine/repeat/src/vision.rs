//! Whether a model sees what its tasks show.

use faults::Outcome;
use nouns::Task;
use tokens::Tokens;

use crate::fault::RepeatFault;

/// Refuses tasks with pictures for a model that sees none, before anything is done. `model` names
/// it in words.
pub(crate) fn refuse_blind<'a>(
    model: &str,
    tokens: &Tokens,
    world: &str,
    tasks: impl IntoIterator<Item = &'a Task>,
) -> Outcome<()> {
    if tokens.sees() {
        return Ok(());
    }
    let shows = |task: &'a Task| Some((task, task.images().next()?));
    match tasks.into_iter().find_map(shows) {
        None => Ok(()),
        Some((task, image)) => Err(RepeatFault::Blind {
            task: task.id.clone(),
            world: world.to_owned(),
            picture: format!("the picture {image}"),
            model: model.to_owned(),
        }
        .into()),
    }
}
