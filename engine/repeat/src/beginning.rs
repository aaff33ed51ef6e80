//! What the models beside the policy learn before the first round: a search that is guided by a model which knows nothing is blind.

use std::collections::HashSet;
use std::sync::Arc;

use ::recipe::Describe;
use faults::Outcome;
use learn::LearnPart;
use nouns::{AskContext, Key, Silent, Stage, Task, Trace, Unkept, Update};
use policy::LocalPolicy;
use serde_json::json;

use crate::figures::attempt_facts;
use crate::labelled::{Labelled, Source, labelled_stage};
use crate::role::Role;
use crate::round::{Carried, Loop, Played, SLOTS, Turned, digest_of_ids};
use crate::scene::Scene;
use crate::stages::{Done, Stages};
use crate::teach::{Teachable, teach_beside};
use checkpoint::{Model, read_model};

impl Loop<'_> {
    /// Every role that has labelled answers learns from them.
    pub(crate) fn instruct_roles(
        &self,
        stages: &mut Stages,
        carried: &mut Carried,
        turned: &mut Turned,
    ) -> Outcome<()> {
        let Scene { world, train, labels: Some(oracle), .. } = self.scene else { return Ok(()) };
        let tokens = carried.base.tokens.clone();
        let held_out = |id: &str| self.scene.is_held_out(id);
        let source = Source {
            world: world.as_ref(),
            oracle: oracle.as_ref(),
            tokens: &tokens,
            tasks: train,
            held_out: &held_out,
        };
        for (name, role) in self.recipe.roles.iter().filter(|_| source.flows()) {
            for (place, (part, learner)) in role.labelled_learners(name)?.into_iter().enumerate() {
                let stage = labelled_stage(name, place);
                let from = carried.cast.model(name).unwrap_or(&carried.base);
                let done = self.instruct(stages, (&stage, part, &learner), &source, (from, &carried.base))?;
                turned.spend(done.seconds, &done.facts);
                carried.cast.instruct((name, role), done.output.0);
            }
        }
        Ok(())
    }

    fn instruct(
        &self,
        stages: &mut Stages,
        (stage, part, learner): (&str, &Labelled, &LearnPart),
        source: &Source,
        (from, base): (&Model, &Model),
    ) -> Outcome<Done<(Model, Update)>> {
        let mut inputs = self.inputs([part as &dyn Describe, learner.describe()]);
        inputs.model = Some(from.digest.clone());
        inputs.recipe = json!([inputs.recipe, { "world": source.world.name() }]);
        inputs.upstream.insert("held out".into(), self.scene.digest_of_held_out());
        let read = |stage: &store::Stage| read_model(&stage.folder(), 0, from);
        stages.run(0, stage, &inputs, read, |work| {
            let lessons = source.lessons(part, &work.stage.key.of("answers"))?;
            teach_beside(work, 0, learner, Teachable::alone(from, base), &lessons)
        })
    }

    /// Every role that has a beginning, and had no labelled answers, learns from the base model's attempts of that kind at the first tasks. What that costs is the
    /// base round's.
    pub(crate) fn begin_roles(&self, stages: &mut Stages, carried: &mut Carried, turned: &mut Turned) -> Outcome<()> {
        for (name, role) in self.recipe.roles.iter().filter(|(_, role)| !role.begin.is_empty()) {
            if carried.cast.is_instructed(name) {
                continue;
            }
            let Some(part) = &role.learn else { continue };
            let (policy, tasks) = (Arc::new(carried.kept.policy(SLOTS)), self.first_tasks()?);
            let attempted = self.first_attempts(stages, (name, role), &policy, &tasks, carried)?;
            let played =
                Played { round: 0, policy: &policy, tasks: &tasks, attempted: &attempted, solved: &HashSet::new() };
            let judges = if role.check.is_empty() { &self.recipe.check } else { &role.check };
            let checked = self.check(stages, &played, &format!("checked-{name}"), judges, &carried.cast.critics())?;
            let chosen = self.choose_for(stages, &played, (name, role), &checked, carried)?;
            let learned = self.teach_role(stages, 0, (name, role, part), &chosen, carried)?;
            for (seconds, facts) in [
                (attempted.seconds, &attempted.facts),
                (checked.seconds, &checked.facts),
                (chosen.seconds, &chosen.facts),
                (learned.seconds, &learned.facts),
            ] {
                turned.spend(seconds, facts);
            }
            carried.cast.promote((name, role), learned.output.0, chosen);
        }
        Ok(())
    }

    /// The tasks that a round before the first would be asked.
    fn first_tasks(&self) -> Outcome<Vec<Task>> {
        let stage = Stage { round: 0, key: Key::root(self.seed).at(0).of("asked"), progress: &Silent };
        let cx = AskContext { trainable: &self.scene.train, world: self.scene.world.as_ref(), grown: &[] };
        self.recipe.ask.ask(&stage, &cx)
    }

    fn first_attempts(
        &self,
        stages: &mut Stages,
        (name, role): (&str, &Role),
        policy: &Arc<LocalPolicy>,
        tasks: &[Task],
        carried: &Carried,
    ) -> Outcome<Done<Vec<Trace>>> {
        let mut inputs = self.inputs(role.begin.iter().map(|part| part.describe() as &dyn Describe));
        inputs.model = Some(carried.kept.digest.clone());
        inputs.upstream.insert("asked".into(), digest_of_ids(tasks));
        let critics = carried.cast.critics();
        let read = |stage: &store::Stage| Ok(store::read_traces(&stage.file("parquet"))?);
        stages.run(0, &format!("attempted-{name}"), &inputs, read, |work| {
            let made = self.attempts(&role.begin, &work.stage, policy, &critics, tasks, &Unkept)?;
            work.draft.file("parquet", &store::traces_to_parquet(&made)?)?;
            let facts = attempt_facts(&made);
            Ok((made, facts))
        })
    }
}
