//! What is refused of a table of models before anything is made or sampled.

use std::collections::BTreeSet;

use crate::entry::{BASE, Entry, POLICY, Source, Start, VALUE};
use crate::fault::RepeatFault;
use crate::mismatch::refuse_other_lessons;
use crate::recipe::Recipe;
use crate::table::Given;
use checkpoint::Model;

/// Refuses models that cannot be what their entries say, and names that no entry has.
pub(crate) fn refuse_unfit_models(recipe: &Recipe) -> Result<(), RepeatFault> {
    for (name, entry) in &recipe.models {
        refuse_source(recipe, name, entry)?;
        if name == POLICY {
            refuse_policy(entry)?;
        } else {
            refuse_learning(name, entry)?;
        }
    }
    refuse_unknown_names(recipe)
}

fn refuse_source(recipe: &Recipe, name: &str, entry: &Entry) -> Result<(), RepeatFault> {
    if let Source::Endpoint(address) = &entry.is {
        return Err(match needs_tokens(recipe, name, entry) {
            Some(why) => RepeatFault::NoTokens { model: name.into(), why },
            None => RepeatFault::NoEndpoints { model: name.into(), address: address.clone() },
        });
    }
    let mut seen = BTreeSet::from([name]);
    let mut next = &entry.is;
    while let Source::Entry(other) = next {
        if !seen.insert(other) {
            return Err(RepeatFault::ModelCircle { model: name.into() });
        }
        next = match recipe.models.get(other) {
            Some(entry) => &entry.is,
            None if other == POLICY => return Ok(()),
            None => return Err(RepeatFault::NoSuchModel { model: other.clone(), known: known(recipe) }),
        };
    }
    Ok(())
}

/// Why a model must have weights and tokens here, if it must: one that answers over the network
/// says words, not what it drew.
fn needs_tokens(recipe: &Recipe, name: &str, entry: &Entry) -> Option<&'static str> {
    let checks =
        || recipe.check.iter().chain(recipe.models.values().flat_map(|entry| &entry.check)).chain(&recipe.grade);
    let taught = entry.has_own_weights() || name == POLICY;
    let valued = checks().flat_map(|part| part.value_models()).any(|asked| asked == name) || name == VALUE;
    let measured = recipe.measure.iter().filter_map(|part| part.model()).any(|asked| asked == name);
    let heard = recipe.learn.iter().filter_map(|part| part.teacher()).any(|asked| asked == name);
    let probable = checks().flat_map(|part| part.models_with_tokens()).any(|asked| asked == name);
    match () {
        _ if taught => Some(
            "it learns: its weights must be here, and its answers' tokens and log-probabilities as they were drawn",
        ),
        _ if valued || measured => Some("it is asked for the values of the policy's own tokens"),
        _ if heard => Some("it teaches by its probabilities of every token"),
        _ if probable => Some("a judge reads the probabilities of what it could say (`by = \"score\"` reads a reply)"),
        _ => None,
    }
}

/// The policy learns by the recipe's own keys, and its entry says no more than what it is.
fn refuse_policy(entry: &Entry) -> Result<(), RepeatFault> {
    let silent = Entry { is: entry.is.clone(), ..Entry::default() };
    let whole = matches!(entry.is, Source::Base | Source::Fresh | Source::Folder(_));
    if *entry == silent && whole { Ok(()) } else { Err(RepeatFault::PolicyEntry) }
}

fn refuse_learning(name: &str, entry: &Entry) -> Result<(), RepeatFault> {
    let unfit = |why| Err(RepeatFault::UnfitModel { model: name.into(), why });
    entry.labelled_learners(name)?;
    let Some(learn) = &entry.learn else {
        return match (entry.lora, entry.attempt.is_empty()) {
            (0, true) => Ok(()),
            (0, false) => unfit("it attempts, and has no `learn` that would make anything of its attempts"),
            _ => unfit("it has an adapter, and no `learn` that would change it"),
        };
    };
    refuse_other_lessons(&entry.choose, learn)?;
    // The average is the policy's.
    if learn.needs_average() {
        return Err(RepeatFault::NoAverage { part: learn.describe().name() });
    }
    match entry.lora {
        0 => Ok(()),
        _ if learn.head().is_some() => {
            unfit("it has an adapter, and learns a score head, which adapters have none beside")
        }
        _ if learn.lora().is_some() => {
            unfit("it has an adapter of its own, and its `learn` asks for another (`lora.rank`)")
        }
        _ if entry.start_from == Start::Policy => {
            unfit("it has an adapter of its own, and begins every round as the policy")
        }
        _ => Ok(()),
    }
}

fn refuse_unknown_names(recipe: &Recipe) -> Result<(), RepeatFault> {
    let checks = || recipe.check.iter().chain(recipe.models.values().flat_map(|entry| &entry.check));
    let heard = recipe.learn.iter().filter_map(|part| part.teacher()).filter(|_| !recipe.models.is_empty());
    let scoring = checks()
        .chain(&recipe.grade)
        .flat_map(|part| part.value_models())
        .chain(recipe.measure.iter().filter_map(|part| part.model()));
    let unknown = |name: &&str| !recipe.models.contains_key(*name);
    let attempts = recipe.models.values().flat_map(|entry| entry.attempt.iter().chain(&entry.begin));
    let attempts = recipe.attempt.iter().chain(recipe.ways.values().flatten()).chain(attempts);
    let answering = checks().chain(&recipe.grade).flat_map(|part| part.models());
    let answering = answering.chain(attempts.flat_map(|part| part.models())).chain(recipe.ask.models());
    let answering = answering.filter(|name| ![POLICY, BASE].contains(name));
    match scoring.chain(heard).chain(answering).find(unknown) {
        None => Ok(()),
        Some(name) => Err(RepeatFault::NoSuchModel { model: name.into(), known: known(recipe) }),
    }
}

fn known(recipe: &Recipe) -> String {
    recipe.models.keys().cloned().collect::<Vec<_>>().join(", ")
}

/// Models that are asked about the policy's tokens as they were drawn must have its tokenizer: the
/// same number is else another word.
pub(crate) fn refuse_other_tokens(recipe: &Recipe, base: &Model, given: &Given) -> Result<(), RepeatFault> {
    let checks = recipe.check.iter().chain(recipe.models.values().flat_map(|entry| &entry.check));
    let asked: BTreeSet<&str> = checks
        .flat_map(|part| part.value_models())
        .chain(recipe.measure.iter().filter_map(|part| part.model()))
        .chain(recipe.learn.iter().filter_map(|part| part.teacher()))
        .chain([VALUE])
        .collect();
    for (name, entry) in &recipe.models {
        let Source::Folder(path) = &entry.is else { continue };
        let learns = entry.learn.is_some() && entry.attempt.is_empty();
        let Some(model) = given.opened.get(path).filter(|_| learns || asked.contains(name.as_str())) else { continue };
        let tokens = |model: &Model| model.language().ok().map(|language| language.tokens.to_json());
        if tokens(model) != tokens(base) {
            return Err(RepeatFault::OtherTokens { model: name.clone() });
        }
    }
    Ok(())
}
