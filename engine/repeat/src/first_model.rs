//! The model that a run's policy is in the beginning: that of a folder, or one made from nothing.

use std::path::Path;

use checkpoint::Whereabouts;
use faults::Outcome;
use networks::Config;
use nouns::World;
use tokens::Tokens;

use crate::base::{Base, THOUGHTS};
use crate::entry::{POLICY, Source};
use crate::fault::RepeatFault;
use crate::options::Options;
use crate::recipe::Recipe;

/// The folder of the model that the policy is in the beginning; none where it is made from nothing.
/// `--model` has the last word.
pub(crate) fn base_folder<'a>(recipe: &'a Recipe, options: &'a Options) -> Option<&'a Path> {
    let named = recipe.models.get(POLICY).and_then(|entry| match &entry.is {
        Source::Folder(path) => Some(path.as_path()),
        _ => None,
    });
    options.model.as_deref().or(named)
}

/// How the adapter of a round names the model below it, as seen from its folder: by an absolute
/// path, or the run's own round 0. Nothing where the base is a model with an adapter merged into
/// it, which no folder holds.
pub(crate) fn base_name(recipe: &Recipe, options: &Options) -> Outcome<Option<String>> {
    let Some(folder) = base_folder(recipe, options) else { return Ok(Some("../../round-000/learned".into())) };
    let merged = Whereabouts::of(folder, options.adapter.as_deref())?.adapter.is_some();
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    Ok((!merged).then(|| absolute.display().to_string()))
}

/// The shape and the tokenizer of a model made from nothing, for a world that has a language of its
/// own.
pub fn shape_of_nothing(base: &Base, world: &dyn World) -> Outcome<(Config, Tokens)> {
    let language = world.language().ok_or_else(|| RepeatFault::NoModel { world: world.name().into() })?;
    let mut vocabulary = language.vocabulary();
    if !base.cues.is_empty() {
        vocabulary.words.extend(language.cue_words());
    }
    let tokens = Tokens::of_vocabulary(&vocabulary)?;
    let thought = world.longest_answer() as usize + tokens.encode_fragment(world.wording().think_again()).len();
    let said = base.cues.iter().map(|cue| tokens.encode_fragment(world.wording().cue(*cue)).len()).max();
    let before = said.map_or(0, |said| world.longest_answer() as usize + said);
    let room = before.max(if base.rethink > 0.0 { THOUGHTS * thought } else { 0 });
    Ok((base.config(&tokens, context_of(world, &tokens)? + room), tokens))
}

/// Room for the longest prompt and the longest answer of a world.
fn context_of(world: &dyn World, tokens: &Tokens) -> Outcome<usize> {
    let mut longest = 0;
    for split in nouns::Split::ALL {
        for task in world.tasks(split)? {
            longest = tokens.encode_context(&task.prompt)?.len().max(longest);
        }
    }
    /// Hints lengthen a prompt by a few words.
    const HINT: usize = 8;
    Ok(longest + HINT + world.longest_answer() as usize)
}
