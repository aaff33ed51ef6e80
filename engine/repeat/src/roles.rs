//! The models beside the policy: what they learn in a round, and as whom they are asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Candidate, Critics, Digest, ValueModel, Verdict};
use policy::LocalCritic;
use serde_json::json;

use crate::fault::RepeatFault;
use crate::figures::facts;
use crate::lessons::{choose, embed, lessons, pool, refuse_other_lessons};
use crate::recipe::Recipe;
use crate::role::{Role, Start};
use crate::round::{Carried, Loop, Played, Turned};
use crate::stages::{Done, Stages};
use crate::teach::{Teachable, teach_beside};
use checkpoint::{Model, read_model};

/// The models beside the policy, as they are now.
#[derive(Clone, Default)]
pub(crate) struct Cast(BTreeMap<String, Player>);

/// One of them.
#[derive(Clone)]
struct Player {
    model: Model,
    critic: Arc<LocalCritic>,
    /// Whether it has learned from labelled answers.
    instructed: bool,
    /// What taught it last.
    chosen: Vec<Candidate>,
    chosen_fingerprint: Option<Digest>,
}

/// By whom the attempts are judged that a model beside the policy learns from.
#[derive(Clone, Copy)]
pub(crate) enum Judged<'a> {
    /// By its own checkers.
    Apart,
    /// As the policy's are.
    Alike(&'a Done<Vec<Verdict>>),
}

impl Cast {
    /// Everyone as the base model is, with a head that says 0 where a head is learned.
    pub(crate) fn of(recipe: &Recipe, base: &Model) -> Outcome<Cast> {
        let player = |(name, role): (&String, &Role)| Ok((name.clone(), Player::begin(role, base)?));
        Ok(Cast(recipe.roles.iter().map(player).collect::<Outcome<_>>()?))
    }

    /// The model of a role, as it is now.
    pub(crate) fn model(&self, role: &str) -> Option<&Model> {
        self.0.get(role).map(|player| &player.model)
    }

    /// Whether a role has learned from labelled answers.
    pub(crate) fn is_instructed(&self, role: &str) -> bool {
        self.0.get(role).is_some_and(|player| player.instructed)
    }

    /// What taught a role last, and the name of that choice.
    pub(crate) fn taught(&self, role: &str) -> (&[Candidate], Option<&Digest>) {
        self.0.get(role).map_or((&[][..], None), |player| (&player.chosen[..], player.chosen_fingerprint.as_ref()))
    }

    /// A role is played by what it has learned from labelled steps.
    pub(crate) fn instruct(&mut self, (name, role): (&str, &Role), model: Model) {
        let player = Player {
            critic: critic(role, &model),
            model,
            instructed: true,
            chosen: Vec::new(),
            chosen_fingerprint: None,
        };
        self.0.insert(name.to_owned(), player);
    }

    /// A role is played by what it has learned from this choice.
    pub(crate) fn promote(&mut self, (name, role): (&str, &Role), model: Model, chosen: Done<Vec<Candidate>>) {
        let (critic, chosen_fingerprint) = (critic(role, &model), Some(chosen.fingerprint));
        let instructed = self.is_instructed(name);
        self.0.insert(name.to_owned(), Player { critic, model, instructed, chosen: chosen.output, chosen_fingerprint });
    }

    /// Those who may be asked.
    pub(crate) fn critics(&self) -> Critics {
        let asked = |(name, player): (&String, &Player)| (name.clone(), player.critic.clone() as Arc<dyn ValueModel>);
        self.0.iter().map(asked).collect()
    }
}

impl Player {
    fn begin(role: &Role, base: &Model) -> Outcome<Player> {
        let model = match role.learn.as_ref().and_then(|part| part.head()) {
            None => base.clone(),
            Some(head) => {
                let decoder = base.decoder.clone().with_scores(head, &base.device)?;
                base.with_weights(0, decoder)
            }
        };
        Ok(Player {
            critic: critic(role, &model),
            model,
            instructed: false,
            chosen: Vec::new(),
            chosen_fingerprint: None,
        })
    }
}

/// Who is asked.
pub(crate) fn critic(role: &Role, model: &Model) -> Arc<LocalCritic> {
    let squash = role.learn.as_ref().is_some_and(|part| part.scores_are_logits());
    let critic = LocalCritic::new(model.decoder.clone(), model.digest.clone(), squash);
    Arc::new(if role.per_token { critic.per_token() } else { critic })
}

/// Refuses roles that nobody plays, and roles whose attempts are not what they learn from.
pub(crate) fn refuse_unknown_roles(recipe: &Recipe) -> Result<(), RepeatFault> {
    for (name, role) in &recipe.roles {
        role.labelled_learners(name)?;
        if let Some(part) = &role.learn {
            refuse_other_lessons(&role.choose, part)?;
            // The average is the policy's.
            if part.needs_average() {
                return Err(RepeatFault::NoAverage { part: part.describe().name() });
            }
        }
    }
    let checks = recipe.check.iter().chain(recipe.roles.values().flat_map(|role| &role.check));
    let asked = checks.filter_map(|part| part.role()).chain(recipe.measure.iter().filter_map(|part| part.role()));
    let heard = recipe.learn.iter().filter_map(|part| part.teacher()).filter(|_| !recipe.roles.is_empty());
    match asked.chain(heard).find(|role| !recipe.roles.contains_key(*role)) {
        None => Ok(()),
        Some(role) => {
            let known = recipe.roles.keys().cloned().collect::<Vec<_>>().join(", ");
            Err(RepeatFault::NoRole { role: role.into(), known })
        }
    }
}

impl Loop<'_> {
    /// Everyone who is judged so learns from the round's attempts.
    pub(crate) fn teach_roles(
        &self,
        stages: &mut Stages,
        played: &Played,
        judged: Judged,
        carried: &mut Carried,
        turned: &mut Turned,
    ) -> Outcome<()> {
        let apart = matches!(judged, Judged::Apart);
        for (name, role) in self.recipe.roles.iter().filter(|(_, role)| role.check.is_empty() != apart) {
            let over = role.rounds.is_some_and(|rounds| played.round > rounds);
            let Some(part) = role.learn.as_ref().filter(|_| !over) else { continue };
            let checked = match judged {
                Judged::Alike(_) => None,
                Judged::Apart => {
                    let stage = format!("checked-{name}");
                    Some(self.check(stages, played, &stage, &role.check, &carried.cast.critics())?)
                }
            };
            let checked = match (&checked, judged) {
                (Some(own), _) => own,
                (None, Judged::Alike(checked)) => checked,
                (None, Judged::Apart) => continue,
            };
            let chosen = self.choose_for(stages, played, (name, role), checked, carried)?;
            let learned = self.teach_role(stages, played.round, (name, role, part), &chosen, carried)?;
            turned.seconds += chosen.seconds + learned.seconds;
            turned.tokens += learned.facts.get("trained_tokens").and_then(serde_json::Value::as_u64).unwrap_or(0);
            carried.cast.promote((name, role), learned.output.0, chosen);
        }
        Ok(())
    }

    pub(crate) fn choose_for(
        &self,
        stages: &mut Stages,
        played: &Played,
        (name, role): (&str, &Role),
        checked: &Done<Vec<Verdict>>,
        carried: &Carried,
    ) -> Outcome<Done<Vec<Candidate>>> {
        let player = carried.cast.0.get(name);
        let mut inputs = self.inputs(role.choose.iter().map(|part| part.describe()));
        inputs.recipe = json!([inputs.recipe, { "memory": role.memory }]);
        inputs.upstream.insert("checked".into(), checked.fingerprint.clone());
        if role.choose.iter().any(|part| part.needs_embeddings()) {
            inputs.model = Some(nouns::Policy::digest(played.policy.as_ref()));
        }
        let before = player.filter(|_| role.memory > 0);
        inputs.upstream.extend(
            before.and_then(|player| player.chosen_fingerprint.clone()).map(|print| ("chosen before".into(), print)),
        );
        let read = |stage: &store::Stage| Ok(store::read_candidates(&stage.file("parquet"))?);
        stages.run(played.round, &format!("chosen-{name}"), &inputs, read, |work| {
            let remembered = before.map_or(&[][..], |player| &player.chosen);
            let traces = played.attempted.output.clone();
            let mut pool =
                pool(played.round, role.memory, traces, &checked.output, remembered, self.scene.world.as_ref());
            embed(&role.choose, &work.stage, played.policy.as_ref(), &mut pool)?;
            let chosen = choose(&role.choose, &work.stage, pool);
            work.draft.file("parquet", &store::candidates_to_parquet(&chosen)?)?;
            let facts = facts([("lessons", json!(chosen.len()))]);
            Ok((chosen, facts))
        })
    }

    pub(crate) fn teach_role(
        &self,
        stages: &mut Stages,
        round: u32,
        (name, role, part): (&str, &Role, &learn::LearnPart),
        chosen: &Done<Vec<Candidate>>,
        carried: &Carried,
    ) -> Outcome<Done<(Model, nouns::Update)>> {
        let own = carried.cast.0.get(name).map_or(&carried.base, |player| &player.model);
        let from = match role.start_from {
            Start::Previous => own,
            Start::Base => &carried.base,
            Start::Policy => &carried.kept,
        };
        let mut inputs = self.inputs([part.describe()]);
        inputs.model = Some(from.digest.clone());
        inputs.upstream.insert("chosen".into(), chosen.fingerprint.clone());
        let teacher = part.teacher().and_then(|role| carried.cast.model(role));
        inputs.upstream.extend(teacher.map(|teacher| ("teacher".into(), teacher.digest.clone())));
        if part.needs_base() {
            inputs.upstream.insert("reference".into(), carried.base.digest.clone());
        }
        let read = |stage: &store::Stage| read_model(&stage.folder(), round, from);
        stages.run(round, &format!("learned-{name}"), &inputs, read, |work| {
            let lessons = lessons(self.scene.world.as_ref(), &from.tokens, &chosen.output)?;
            teach_beside(work, round, part, Teachable { teacher, ..Teachable::alone(from, &carried.base) }, &lessons)
        })
    }
}
