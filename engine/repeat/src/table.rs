//! The table of a run's models, by name: the policy, and every model beside it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use faults::Outcome;
use networks::ScoreHead;
use nouns::{Answerers, Candidate, Critics, Digest, Generate, Key, ValueModel};
use policy::LocalCritic;

use crate::entry::{BASE, Entry, POLICY, Source};
use crate::options::Options;
use crate::recipe::Recipe;
use checkpoint::{Language, Model, open_merged};

/// Sequences in flight while sampling: enough to keep the kernels busy, few enough for the cache.
pub const SLOTS: usize = 512;

/// Every model of a run, as it is now.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) policy: Row,
    beside: BTreeMap<String, Row>,
}

/// One of them.
#[derive(Clone)]
pub(crate) struct Row {
    /// As it was before the first round, without what it has only learned to say since.
    pub(crate) first: Model,
    /// As it is now.
    pub(crate) now: Model,
    /// The model that it is at all times, if it has no weights of its own.
    alias: Option<String>,
    /// Whether its adapter is its own, and stays one.
    pub(crate) adapted: bool,
    /// Makes probabilities of scores.
    squash: bool,
    per_token: bool,
    /// Whether it has learned from labelled answers.
    pub(crate) instructed: bool,
    /// What taught it last, and the name of that choice.
    pub(crate) chosen: Vec<Candidate>,
    pub(crate) chosen_fingerprint: Option<Digest>,
}

/// Models that the run does not make of its base: by name, those that were made from nothing; by
/// path, those of folders.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) made: BTreeMap<String, Model>,
    pub(crate) opened: BTreeMap<PathBuf, Model>,
}

impl Given {
    /// Opens the folders that a recipe names, each once.
    pub(crate) fn open(recipe: &Recipe, options: &Options) -> Outcome<Given> {
        let mut given = Given::default();
        for entry in recipe.models.values() {
            if let Source::Folder(path) = &entry.is
                && !given.opened.contains_key(path)
            {
                given.opened.insert(path.clone(), open_merged(&networks::named(path), None, options.device)?);
            }
        }
        Ok(given)
    }
}

impl Table {
    /// Every model as it is before the first round. Weights that several begin with are shared and
    /// not copied.
    pub(crate) fn begin(recipe: &Recipe, base: &Model, given: &Given, seed: u64) -> Outcome<Table> {
        let mut table = Table { policy: Row::plain(base.clone()), beside: BTreeMap::new() };
        // Those that are another model come after it; a circle was refused before.
        let mut left: Vec<(&String, &Entry)> = recipe.models.iter().filter(|(name, _)| *name != POLICY).collect();
        while !left.is_empty() {
            let waits = |entry: &Entry, table: &Table| match &entry.is {
                Source::Entry(other) => table.row(other).is_none(),
                _ => false,
            };
            let (later, ready): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, entry)| waits(entry, &table));
            if ready.is_empty() {
                break;
            }
            for (name, entry) in ready {
                let body = match &entry.is {
                    Source::Base | Source::Endpoint(_) => base,
                    Source::Fresh => given.made.get(name).unwrap_or(base),
                    Source::Folder(path) => given.opened.get(path).unwrap_or(base),
                    Source::Entry(other) => table.row(other).map_or(base, |other| &other.first),
                };
                let key = Key::root(seed).of("adapter").of(name);
                let row = Row::of(entry, body.clone(), &key)?;
                table.beside.insert(name.clone(), row);
            }
            left = later;
        }
        Ok(table)
    }

    /// The model of this name in its own row, and not another that it stands for.
    pub(crate) fn row(&self, name: &str) -> Option<&Row> {
        if name == POLICY { Some(&self.policy) } else { self.beside.get(name) }
    }

    pub(crate) fn row_mut(&mut self, name: &str) -> Option<&mut Row> {
        if name == POLICY { Some(&mut self.policy) } else { self.beside.get_mut(name) }
    }

    /// The model of this name, as it is now.
    pub(crate) fn model(&self, name: &str) -> Option<&Model> {
        match self.row(name) {
            Some(held) => match &held.alias {
                Some(other) => self.model(other),
                None => Some(&held.now),
            },
            None => (name == BASE).then_some(&self.policy.first),
        }
    }

    /// What taught a model last, and the name of that choice.
    pub(crate) fn taught(&self, name: &str) -> (&[Candidate], Option<&Digest>) {
        self.row(name).map_or((&[][..], None), |row| (&row.chosen[..], row.chosen_fingerprint.as_ref()))
    }

    /// Those beside the policy, as they say what answers are worth.
    pub(crate) fn critics(&self) -> Critics {
        let asked = self.beside.iter().filter_map(|(name, held)| Some((name.clone(), held.critic(self.model(name)?)?)));
        asked.map(|(name, critic)| (name, critic as Arc<dyn ValueModel>)).collect()
    }

    /// Names these models as they are now: what they say depends on it.
    pub(crate) fn digests_of<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = (String, Digest)> {
        names.into_iter().filter_map(|name| Some((format!("model {name}"), self.model(name)?.digest.clone())))
    }

    /// The models of these names, as they answer.
    pub(crate) fn answering<'a>(&self, names: impl Iterator<Item = &'a str>) -> Answerers {
        let answering = |name: &str| Some(self.model(name)?.policy(SLOTS) as Arc<dyn Generate>);
        names.filter_map(|name| Some((name.to_owned(), answering(name)?))).collect()
    }
}

impl Row {
    fn plain(model: Model) -> Row {
        Row {
            first: model.clone(),
            now: model,
            alias: None,
            adapted: false,
            squash: false,
            per_token: false,
            instructed: false,
            chosen: Vec::new(),
            chosen_fingerprint: None,
        }
    }

    /// As an entry says: with a head that says 0 where one is learned, and with an adapter that
    /// changes nothing where it has one.
    fn of(entry: &Entry, body: Model, key: &Key) -> Outcome<Row> {
        let learn = entry.learn.as_ref();
        let first = match entry.adapter() {
            None => body,
            Some(lora) => {
                let Language { decoder, device, .. } = body.language()?;
                body.with_weights(0, decoder.clone().with_new_adapter(lora, key, device)?)?
            }
        };
        let now = match learn.and_then(|part| part.head()) {
            None => first.clone(),
            Some(head) => with_scores(&first, head)?,
        };
        let alias = match &entry.is {
            Source::Entry(other) if !entry.has_own_weights() => Some(other.clone()),
            _ => None,
        };
        let squash = learn.is_some_and(|part| part.scores_are_logits());
        Ok(Row { now, alias, squash, adapted: entry.lora > 0, per_token: entry.per_token, ..Row::plain(first) })
    }

    /// None of a model that is no language model: it has no tokens whose worth it could say.
    fn critic(&self, model: &Model) -> Option<Arc<LocalCritic>> {
        let decoder = model.language().ok()?.decoder.clone();
        let critic = LocalCritic::new(decoder, model.digest.clone(), self.squash);
        Some(Arc::new(if self.per_token { critic.per_token() } else { critic }))
    }
}

fn with_scores(model: &Model, head: ScoreHead) -> Outcome<Model> {
    let Language { decoder, device, .. } = model.language()?;
    Ok(model.with_weights(0, decoder.clone().with_scores(head, device)?)?)
}
