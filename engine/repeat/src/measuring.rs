//! What a round measures: what every part of the recipe's `measure` says of the model and of what
//! was taught beside it, the recipe's other ways of answering, and what changed since the base
//! model.

use std::sync::Arc;

use ::recipe::Describe;
use events::{Event, Facts};
use faults::Outcome;
use measure::MeasurePart;
use nouns::{Candidate, Critics, Digest, DropTrees, Measure, Policy, Score, Stage, Task, Trace, Verdict};

use crate::figures::answer_facts;
use crate::stages::{Done, Stages, Work};
use crate::state::{Loop, beside, digest_of_ids, digests};
use crate::table::{SLOTS, Table};
use checkpoint::Model;

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    model: &'a Model,
    /// The fingerprint of what it was made by.
    upstream: &'a Digest,
    /// The models beside it.
    table: &'a Table,
    /// What it is compared with; none of the base model itself.
    base_scores: &'a [Score],
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        model: &'a Model,
        upstream: &'a Digest,
        table: &'a Table,
        base_scores: &'a [Score],
    ) -> Subject<'a> {
        Subject { model, upstream, table, base_scores }
    }
}

impl Loop<'_> {
    pub(crate) fn measure(
        &self,
        stages: &mut Stages,
        round: u32,
        subject: Subject,
        first: &dyn Fn(&Work),
    ) -> Outcome<Done<Vec<Score>>> {
        let Subject { model, upstream, table, base_scores } = subject;
        let critics = &table.critics();
        let measures = self.measures(round);
        let measured = measures.iter().map(|part| part.describe());
        let ways = self.recipe.ways.values().flatten().map(|part| part.describe()).filter(|_| round == self.rounds);
        let wanted = measures.iter().any(|part| part.build(critics).wants_attempts());
        let attempts = self.recipe.attempt.iter().map(|part| part.describe()).filter(|_| wanted);
        let adapt = self.recipe.adapt.as_ref().filter(|_| round == self.rounds);
        let adapts = adapt.map(|adapt| adapt as &dyn Describe);
        let graded = self.recipe.grade.iter().flat_map(|part| part.with_components());
        let mut inputs = self.inputs(measured.chain(attempts).chain(ways).chain(adapts).chain(graded));
        inputs.model = Some(model.digest.clone());
        inputs.upstream.extend(self.encoder());
        inputs.upstream.extend(self.grader.outside().map(|outside| ("outside".into(), outside)));
        inputs.upstream.extend(self.graded_by_model.map(|digest| ("graded by".into(), digest.clone())));
        inputs.upstream.insert("learned".into(), upstream.clone());
        inputs.upstream.extend(measures.iter().filter_map(|part| {
            let model = part.model()?;
            Some((format!("taught {model}"), table.taught(model).1?.clone()))
        }));
        if measures.iter().any(|part| part.compares()) {
            let scores = serde_json::to_vec(base_scores).unwrap_or_default();
            inputs.upstream.insert("base scores".into(), Digest::of(&scores));
        }
        if wanted
            || round == self.rounds && !self.recipe.ways.is_empty()
            || measures.iter().any(|part| part.model().is_some())
        {
            inputs.upstream.extend(digests(critics));
        }
        // Attempts that are measured may ask models in text, which learn as well.
        let own = self.recipe.attempt.iter().filter(|_| wanted);
        let asking = own.chain(self.recipe.ways.values().flatten().filter(|_| round == self.rounds));
        inputs.upstream.extend(table.digests_of(beside(asking)));
        inputs.upstream.insert("valid".into(), digest_of_ids(&self.data.valid));
        inputs.upstream.insert("test".into(), digest_of_ids(&self.data.test));
        let forgetting = self.data.forgetting.as_ref();
        inputs.upstream.extend(forgetting.map(|set| ("forgetting".into(), digest_of_ids(&set.tasks))));
        let read = |stage: &store::Stage| Ok(store::read_json(&stage.file("json"))?);
        stages.run(round, "measured", &inputs, read, |work| {
            first(&work);
            let policy = model.policy(SLOTS);
            let (mut scores, mut spent) = (Vec::new(), Facts::new());
            for (split, tasks, measures) in
                [("valid", &self.data.valid, &greedily()), ("test", &self.data.test, &measures)]
            {
                let now = self.scores(&work.stage, &policy, table, (split, tasks, measures), &mut spent)?;
                let on = format!("{}/{split}", self.data.world.name());
                let parts = measures.iter().map(|part| part.build(critics));
                let since: Vec<Score> = parts.flat_map(|part| part.since(&on, base_scores, &now)).collect();
                scores.extend(now.into_iter().chain(since));
            }
            if round == self.rounds {
                scores.extend(self.scores_of_ways(&work.stage, &policy, table)?);
            }
            if let Some(adapt) = adapt {
                scores.extend(self.scores_of_adapting(adapt, &work.stage, (model, &policy))?);
            }
            scores.extend(self.scores_of_lessons(round, &measures, &policy, table));
            if let Some(set) = forgetting {
                let greedy = measure::Accuracy::default();
                let (world, grader) = (set.world.as_ref(), set.grader.as_ref());
                scores.extend(greedy.measure(&work.stage, policy.as_ref(), world, grader, &set.on(), &set.tasks)?);
            }
            tell_scores(&work, round, &scores);
            work.draft.json(&scores)?;
            Ok((scores, spent))
        })
    }

    /// What is measured on the tasks that are reported. On the held-out ones, which decide the
    /// gate, it is the greedy answer alone.
    fn measures(&self, round: u32) -> Vec<MeasurePart> {
        match round == self.rounds || round.is_multiple_of(self.recipe.repeat.report_every.max(1)) {
            true => self.recipe.measure.clone(),
            false => greedily(),
        }
    }

    fn scores(
        &self,
        stage: &Stage,
        policy: &Arc<dyn Policy>,
        table: &Table,
        (split, tasks, measures): (&str, &[Task], &[MeasurePart]),
        spent: &mut Facts,
    ) -> Outcome<Vec<Score>> {
        let on = format!("{}/{split}", self.data.world.name());
        let (world, grader) = (self.data.world.as_ref(), self.grader);
        let mut scores = Vec::new();
        let critics = table.critics();
        for part in measures.iter().map(|part| part.build(&critics)) {
            if part.wants_attempts() {
                let traces = self.attempts(&self.recipe.attempt, stage, policy, Some(table), tasks, &DropTrees)?;
                spent.extend(answer_facts(tasks, &traces));
                let verdicts = grader.check(stage, tasks, &traces)?;
                let attempts: Vec<(Trace, Verdict)> = traces.into_iter().zip(verdicts).collect();
                scores.extend(part.of_attempts(&on, tasks, &attempts));
            } else {
                scores.extend(part.measure(stage, policy.as_ref(), world, grader, &on, tasks)?);
            }
        }
        Ok(scores)
    }

    /// What the recipe's other ways of answering reach on the reported tasks, and what they take.
    fn scores_of_ways(&self, stage: &Stage, policy: &Arc<dyn Policy>, table: &Table) -> Outcome<Vec<Score>> {
        let (on, tasks) = (format!("{}/test", self.data.world.name()), &self.data.test);
        let mut scores = Vec::new();
        for (name, parts) in &self.recipe.ways {
            let traces = self.attempts(parts, stage, policy, Some(table), tasks, &DropTrees)?;
            let verdicts = self.grader.check(stage, tasks, &traces)?;
            let attempts: Vec<(Trace, Verdict)> = traces.into_iter().zip(verdicts).collect();
            scores.extend(measure::answers_by(name, &on, tasks, &attempts));
        }
        Ok(scores)
    }

    /// What the measures say of the lessons that this round taught the models beside the policy.
    fn scores_of_lessons(
        &self,
        round: u32,
        measures: &[MeasurePart],
        policy: &Arc<dyn Policy>,
        table: &Table,
    ) -> Vec<Score> {
        let on = format!("{}/train", self.data.world.name());
        let of_part = |part: &MeasurePart| {
            let taught = part.model().map_or(&[][..], |model| table.taught(model).0);
            let new: Vec<&Candidate> = taught.iter().filter(|candidate| candidate.trace.round == round).collect();
            match new.is_empty() {
                true => Vec::new(),
                false => part.build(&Critics::new()).of_lessons(self.data.world.as_ref(), policy.as_ref(), &on, &new),
            }
        };
        measures.iter().flat_map(of_part).collect()
    }
}

/// The greedy answer alone.
fn greedily() -> Vec<MeasurePart> {
    vec![MeasurePart::Accuracy(measure::Accuracy::default())]
}

fn tell_scores(work: &Work, round: u32, scores: &[Score]) {
    for score in scores {
        let values: Vec<f64> = score.per_item.iter().copied().flatten().collect();
        let interval = measure::paired::interval(&work.stage.key, &values);
        work.bus.tell(&Event::Scored {
            round,
            metric: score.metric.clone(),
            on: score.on.clone(),
            value: score.value,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            n: values.len() as u64,
        });
    }
}
