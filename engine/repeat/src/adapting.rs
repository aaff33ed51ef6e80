//! Adapting to one input at a time: a copy of the model learns from its own answers to a task,
//! answers it, and is forgotten.

use std::sync::Arc;

use faults::Outcome;
use learn::Student;
use nouns::{Candidate, DropTrees, Learn, Measure, Policy, Score, Stage, Task};

use crate::adapt::Adapt;
use crate::lessons::{choose, embed, lessons, pool};
use crate::state::Loop;
use checkpoint::Model;

impl Loop<'_> {
    /// The greedy answers after adapting to each of the reported tasks, those to the same tasks
    /// without it, and the tokens that it took.
    pub(crate) fn scores_of_adapting(
        &self,
        adapt: &Adapt,
        stage: &Stage,
        (model, policy): (&Model, &Arc<dyn Policy>),
    ) -> Outcome<Vec<Score>> {
        let all = &self.data.test;
        let tasks = &all[..if adapt.tasks == 0 { all.len() } else { adapt.tasks.min(all.len()) }];
        let stage = Stage { key: stage.key.of("adapt"), ..stage.clone() };
        // All tasks are tried together: what a task gets does not depend on those beside it.
        let traces = self.attempts(&adapt.attempt, &stage, policy, None, tasks, &DropTrees)?;
        let verdicts = self.data.checker(&adapt.check, policy, None)?.check(&stage, tasks, &traces)?;
        let mut candidates = pool(stage.round, 0, traces, &verdicts, &[], self.data.world.as_ref());
        embed(&adapt.choose, &stage, policy.as_ref(), &mut candidates)?;
        let (mut adapted, mut plain, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
        for task in tasks {
            let stage = Stage { key: stage.key.of(&task.id), ..stage.clone() };
            let own: Vec<Candidate> = candidates.extract_if(.., |one| one.trace.task == task.id).collect();
            let drawn: u64 = own.iter().map(|one| one.trace.cost.generated_tokens).sum();
            let learned = self.adapted(adapt, &stage, model, choose(&adapt.choose, &stage, own))?;
            let trained = learned.as_ref().map_or(0, |(_, trained)| *trained);
            let now = learned.as_ref().map_or(policy.as_ref(), |(policy, _)| policy.as_ref());
            adapted.push((task.id.clone(), self.answers(&stage, now, task)?));
            plain.push((task.id.clone(), self.answers(&stage, policy.as_ref(), task)?));
            tokens.push((task.id.clone(), Some((drawn + trained) as f64)));
        }
        let on = format!("{}/test", self.data.world.name());
        let score = |metric: &str, items| Score::new(metric, on.as_str(), items);
        Ok(vec![
            score("adapted accuracy", adapted),
            score("accuracy before adapting", plain),
            score("tokens to adapt", tokens),
        ])
    }

    /// A copy of the model that has learned from what was chosen, and the tokens that took; none
    /// where nothing was.
    fn adapted(
        &self,
        adapt: &Adapt,
        stage: &Stage,
        model: &Model,
        chosen: Vec<Candidate>,
    ) -> Outcome<Option<(Arc<dyn Policy>, u64)>> {
        let language = model.language()?;
        let lessons = lessons(self.data.world.as_ref(), &language.tokens, &chosen)?;
        if lessons.is_empty() {
            return Ok(None);
        }
        // an adapter that the model has is part of what is adapted
        let decoder = language.decoder.clone().merged();
        let mut learner = adapt.learn.build(Student::new(decoder, language.device.clone()));
        let update = learner.learn(stage, &lessons)?;
        let learned = model.with_weights(model.round, learner.into_student().decoder.merged())?;
        Ok(Some((learned.policy(1), update.cost.trained_tokens)))
    }

    /// Whether the greedy answer to a task is right.
    fn answers(&self, stage: &Stage, policy: &dyn Policy, task: &Task) -> Outcome<Option<f64>> {
        let (world, grader) = (self.data.world.as_ref(), self.grader);
        let tasks = std::slice::from_ref(task);
        let scores = measure::Accuracy::default().measure(stage, policy, world, grader, "", tasks)?;
        Ok(scores.first().and_then(|score| score.value))
    }
}
