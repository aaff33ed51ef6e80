//! What a round works on: what stays the same over the rounds, what one hands to the next, and
//! what one did. The stages of the loop are methods of [`Loop`], a file for each, and know nothing
//! of one another.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ::recipe::{Describe, name_in_fingerprints, with_former_names};
use attempt::AttemptPart;
use events::Facts;
use networks::Decoder;
use nouns::{Check, Critics, Digest, Policy, Score, Task, Trace, Update};
use serde_json::{Value, json};
use store::Inputs;

use crate::entry::POLICY;
use crate::gate::Decision;
use crate::grown::Growth;
use crate::recipe::Recipe;
use crate::run_data::RunData;
use crate::stages::Done;
use crate::table::Table;

/// What stays the same over the rounds.
#[derive(Clone, Copy)]
pub(crate) struct Loop<'a> {
    pub(crate) recipe: &'a Recipe,
    pub(crate) data: &'a RunData,
    /// What grades the result: gate, summary and accuracy follow it.
    pub(crate) grader: &'a dyn Check,
    /// The model that it asks, if it asks one.
    pub(crate) graded_by_model: Option<&'a Digest>,
    pub(crate) seed: u64,
    pub(crate) rounds: u32,
    /// Whether the base model was made from nothing.
    pub(crate) from_nothing: bool,
    /// Where an adapter's folder finds the base model; nothing where no folder holds it.
    pub(crate) base_name: Option<&'a str>,
}

/// What a round hands to the next.
pub(crate) struct Carried {
    /// Every model of the run.
    pub(crate) table: Table,
    /// The scores of the kept policy, with which the next one is compared.
    pub(crate) kept_scores: Vec<Score>,
    /// Those of the base model.
    pub(crate) base_scores: Vec<Score>,
    /// The moving average of the models kept, if the recipe has one.
    pub(crate) average: Option<Decoder>,
    /// The last models kept, newest first, if the recipe averages them (model soup).
    pub(crate) soup: Vec<Decoder>,
    /// Tasks that a round has solved.
    pub(crate) solved: HashSet<String>,
    /// What has grown out of attempts, for recipes whose tasks do.
    pub(crate) grown: Growth,
}

/// A round's attempts by one model: what it, or everyone, learns from.
#[derive(Clone, Copy)]
pub(crate) struct RoundAttempts<'a> {
    pub(crate) round: u32,
    /// The model that attempted.
    pub(crate) policy: &'a Arc<dyn Policy>,
    pub(crate) tasks: &'a [Task],
    pub(crate) attempted: &'a Done<Vec<Trace>>,
    /// Tasks that a round before has solved.
    pub(crate) solved: &'a HashSet<String>,
}

/// What a round did.
pub(crate) struct RoundResult {
    pub(crate) round: u32,
    pub(crate) scores: Vec<Score>,
    pub(crate) facts: Facts,
    pub(crate) update: Option<Update>,
    pub(crate) decision: Option<Decision>,
    pub(crate) seconds: f64,
    pub(crate) tokens: u64,
}

impl Loop<'_> {
    pub(crate) fn inputs<'p>(&self, parts: impl IntoIterator<Item = &'p dyn Describe>) -> Inputs {
        let parts: Vec<&dyn Describe> = parts.into_iter().collect();
        let former = |part: &&dyn Describe| with_former_names(part.name(), &learn::SHARED.flattened(&part.values()));
        let values = parts.iter().map(|part| json!({ name_in_fingerprints(part.name()): former(part) })).collect();
        let versions = parts.iter().map(|part| (name_in_fingerprints(part.name()).to_owned(), part.version()));
        let upstream = self.data.prompts.iter().map(|digest| ("prompts".to_owned(), digest.clone())).collect();
        Inputs {
            recipe: Value::Array(values),
            parts: versions.collect(),
            seed: self.seed,
            upstream,
            ..Inputs::default()
        }
    }

    /// Names the sentence encoder, if the run has one.
    pub(crate) fn encoder(&self) -> Option<(String, Digest)> {
        self.data.encoder.as_ref().map(|encoder| ("encoder".into(), encoder.digest().clone()))
    }
}

/// The models that these attempts ask beside the one that answers.
pub(crate) fn beside<'a>(parts: impl IntoIterator<Item = &'a AttemptPart>) -> impl Iterator<Item = &'a str> {
    parts.into_iter().flat_map(|part| part.models()).filter(|name| *name != POLICY)
}

/// Names the models beside the policy. Fingerprints keep the word that recipes had for them first.
pub(crate) fn digests(critics: &Critics) -> impl Iterator<Item = (String, Digest)> + '_ {
    critics.iter().map(|(name, model)| (format!("role {name}"), model.digest()))
}

pub(crate) fn digest_of_ids(tasks: &[Task]) -> Digest {
    Digest::of_fields(tasks.iter().map(|task| task.id.as_bytes()))
}

impl RoundResult {
    /// Round 0, before anything was spent.
    pub(crate) fn base() -> RoundResult {
        RoundResult::new(0, [&Facts::new(), &Facts::new()])
    }

    pub(crate) fn new(round: u32, stages: [&Facts; 2]) -> RoundResult {
        let facts: BTreeMap<String, Value> =
            stages.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
        RoundResult { round, scores: Vec::new(), facts, update: None, decision: None, seconds: 0.0, tokens: 0 }
    }

    /// A stage of the policy was done: its facts are the round's.
    pub(crate) fn spend(&mut self, seconds: f64, facts: &Facts) {
        self.add(seconds, facts);
        self.facts.extend(facts.clone());
    }

    /// A stage of a model beside it was done: what it cost counts.
    pub(crate) fn add(&mut self, seconds: f64, facts: &Facts) {
        self.seconds += seconds;
        let tokens = |name: &str| facts.get(name).and_then(Value::as_u64).unwrap_or(0);
        self.tokens += tokens("generated_tokens") + tokens("trained_tokens");
    }
}
