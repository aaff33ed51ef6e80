//! How a model of the run learns from attempts: what is chosen of them, and what that makes of its
//! weights. The policy and the models beside it learn in the same way.

use std::collections::HashSet;

use ::recipe::Describe;
use choose::ChoosePart;
use faults::Outcome;
use learn::{LearnPart, LoraSettings};
use nouns::{Candidate, Update, Verdict};
use serde_json::json;

use crate::entry::{Entry, POLICY, Start};
use crate::figures::facts;
use crate::lessons::{choose, embed, lessons, pool};
use crate::recipe::Recipe;
use crate::rounds::StartFrom;
use crate::stages::{Done, Stages};
use crate::state::{Carried, Loop, RoundAttempts};
use crate::teach::{Told, teach};
use checkpoint::{Kind, Model, read_model};

/// What a model learns by.
#[derive(Clone, Copy)]
pub(crate) struct Learning<'a> {
    /// Its name in the table.
    pub(crate) name: &'a str,
    choose: &'a [ChoosePart],
    pub(crate) learn: &'a LearnPart,
    start_from: Start,
    memory: u32,
}

/// What a model was taught, and what it became.
pub(crate) struct Taught {
    pub(crate) chosen: Done<Vec<Candidate>>,
    pub(crate) learned: Done<(Model, Update)>,
}

impl<'a> Learning<'a> {
    /// The policy learns by the recipe's own keys, if it learns.
    pub(crate) fn of_policy(recipe: &'a Recipe) -> Option<Learning<'a>> {
        let start_from = match recipe.repeat.start_from {
            StartFrom::Previous => Start::Previous,
            StartFrom::Base => Start::Base,
        };
        let learn = recipe.learn.as_ref()?;
        Some(Learning { name: POLICY, choose: &recipe.choose, learn, start_from, memory: recipe.repeat.memory })
    }

    /// A model beside it learns by its entry, in as many rounds as that says.
    pub(crate) fn of_entry(name: &'a str, entry: &'a Entry, round: u32) -> Option<Learning<'a>> {
        let over = entry.rounds.is_some_and(|rounds| round > rounds);
        let learn = entry.learn.as_ref().filter(|_| !over)?;
        Some(Learning { name, choose: &entry.choose, learn, start_from: entry.start_from, memory: entry.memory })
    }

    fn is_policy(&self) -> bool {
        self.name == POLICY
    }
}

/// The stage in which a model does this: the policy's is called as the verb, one beside it by its
/// name too.
pub(crate) fn stage_of(verb: &str, name: &str) -> String {
    if name == POLICY { verb.to_owned() } else { format!("{verb}-{name}") }
}

impl Loop<'_> {
    /// A model learns from attempts and what they are worth.
    pub(crate) fn teach(
        &self,
        stages: &mut Stages,
        learning: &Learning,
        attempts: &RoundAttempts,
        checked: &Done<Vec<Verdict>>,
        carried: &Carried,
    ) -> Outcome<Taught> {
        let chosen = self.choose(stages, learning, attempts, checked, carried)?;
        let learned = self.learn(stages, learning, attempts.round, &chosen, carried)?;
        Ok(Taught { chosen, learned })
    }

    fn choose(
        &self,
        stages: &mut Stages,
        learning: &Learning,
        attempts: &RoundAttempts,
        checked: &Done<Vec<Verdict>>,
        carried: &Carried,
    ) -> Outcome<Done<Vec<Candidate>>> {
        let RoundAttempts { round, policy, attempted, .. } = *attempts;
        let Learning { name, choose: parts, memory, .. } = *learning;
        let mut inputs = self.inputs(parts.iter().map(|part| part.describe()));
        inputs.upstream.insert("checked".into(), checked.fingerprint.clone());
        if parts.iter().any(|part| part.needs_embeddings()) {
            inputs.model = Some(policy.digest());
            inputs.upstream.extend(self.encoder());
        }
        let (before, print) = carried.table.taught(name);
        if memory > 0 {
            inputs.upstream.extend(print.map(|print| ("chosen before".into(), print.clone())));
        }
        if memory > 0 && learning.is_policy() {
            let repeat: &dyn Describe = &self.recipe.repeat;
            inputs.parts.insert(repeat.name().into(), repeat.version());
        }
        if memory > 0 || !learning.is_policy() {
            inputs.recipe = json!([inputs.recipe, { "memory": memory }]);
        }
        let read = |stage: &store::Stage| Ok(store::read_candidates(&stage.file("parquet"))?);
        stages.run(round, &stage_of("chosen", name), &inputs, read, |work| {
            let (traces, world) = (attempted.output.clone(), self.data.world.as_ref());
            let mut pool = pool(round, memory, traces, &checked.output, before, world);
            embed(parts, &work.stage, policy.as_ref(), &mut pool)?;
            let chosen = choose(parts, &work.stage, pool);
            work.draft.file("parquet", &store::candidates_to_parquet(&chosen)?)?;
            let tasks: HashSet<&str> = chosen.iter().map(|candidate| candidate.trace.task.as_str()).collect();
            let facts = facts([("lessons", json!(chosen.len())), ("taught_tasks", json!(tasks.len()))]);
            Ok((chosen, facts))
        })
    }

    fn learn(
        &self,
        stages: &mut Stages,
        learning: &Learning,
        round: u32,
        chosen: &Done<Vec<Candidate>>,
        carried: &Carried,
    ) -> Outcome<Done<(Model, Update)>> {
        let Learning { name, learn: part, .. } = *learning;
        let table = &carried.table;
        let row = table.row(name).unwrap_or(&table.policy);
        let from = match learning.start_from {
            Start::Previous => &row.now,
            Start::Base => &row.first,
            Start::Policy => &table.policy.now,
        };
        let models = self.teachable(learning, from, carried, round);
        let mut inputs = self.inputs([part.describe()]);
        inputs.upstream.extend(models.teacher.map(|teacher| ("teacher".into(), teacher.digest.clone())));
        inputs.model = Some(from.digest.clone());
        inputs.upstream.insert("chosen".into(), chosen.fingerprint.clone());
        if learning.is_policy() {
            inputs.recipe = json!([inputs.recipe, { "replay": self.replayed() }]);
            self.name_what_goes_on(&mut inputs, part, models);
        }
        if part.lora().is_some() {
            inputs.parts.insert("lora".into(), LoraSettings::default().version());
        }
        if part.needs_base() {
            inputs.upstream.insert("reference".into(), models.base.digest.clone());
        }
        let read = |stage: &store::Stage| read_model(&stage.folder(), round, from);
        stages.run(round, &stage_of("learned", name), &inputs, read, |work| {
            let lessons = match &from.kind {
                Kind::Language(language) => {
                    let mut lessons = lessons(self.data.world.as_ref(), &language.tokens, &chosen.output)?;
                    if learning.is_policy() {
                        lessons.extend(self.replay(&work.stage.key, &language.tokens, &lessons)?);
                    }
                    lessons
                }
                Kind::Classifier(_) => self.labels(from, &chosen.output)?,
            };
            teach(work, round, part, models, &lessons, if learning.is_policy() { Told::Steps } else { Told::Nothing })
        })
    }
}
