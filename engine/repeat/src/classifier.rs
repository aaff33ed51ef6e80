//! A run whose model is a classifier: how it begins, and how its attempts become lessons.

use classifiers::{Classifier, Shape};
use faults::Outcome;
use learn::LearnPart;
use nouns::{Candidate, Key, Lesson, Oracle, Part, Policy, Stream, Task, Teaching, Verdict};
use rayon::prelude::*;

use crate::fault::RepeatFault;
use crate::from_labels::FromLabels;
use crate::run_data::RunData;
use crate::stages::{Done, Stages, Work};
use crate::state::{Loop, digest_of_ids};
use crate::teach::{Teachable, Told, teach};
use checkpoint::{Model, read_model};

/// The name of the seed's lessons among the keys of randomness.
const LABELLED: &str = "labelled";

impl FromLabels {
    /// Random weights for the tasks' features and the world's labels. Features are standardised by
    /// the tasks that may be trained on, which takes no labels.
    pub(crate) fn initial(&self, data: &RunData, seed: u64) -> Outcome<Model> {
        let labels = data.world.labels().filter(|labels| labels.len() > 1);
        let labels = labels.ok_or_else(|| RepeatFault::NoLabels { world: data.world.name().into() })?;
        let rows = data.train.iter().map(features).collect::<Result<Vec<_>, _>>()?;
        let width = rows.first().map_or(0, Vec::len);
        let shape = Shape { features: width, hidden: self.hidden, labels };
        let random = Classifier::random(shape, rows.iter().map(Vec::as_slice), &Key::root(seed).of("weights"));
        Ok(Model::of_classifier(0, random))
    }
}

/// The numbers of a task.
fn features(task: &Task) -> Result<Vec<f64>, RepeatFault> {
    let numbers = task.prompt.iter().flat_map(|turn| &turn.content.0).filter_map(|part| match part {
        Part::Numbers(numbers) => Some(numbers.as_slice()),
        _ => None,
    });
    let numbers: Vec<f64> = numbers.flatten().copied().collect();
    match numbers.is_empty() {
        true => Err(RepeatFault::NoFeatures { task: task.id.clone() }),
        false => Ok(numbers),
    }
}

impl Loop<'_> {
    /// The base model: it has learned the labelled tasks.
    pub(crate) fn begin_classifier(
        &self,
        stages: &mut Stages,
        (part, initial): (&FromLabels, &Model),
        first: &dyn Fn(&Work),
    ) -> Outcome<Done<(Model, nouns::Update)>> {
        let mut inputs = self.inputs([part as &dyn ::recipe::Describe]);
        inputs.model = Some(initial.digest.clone());
        inputs.upstream.insert("trainable".into(), digest_of_ids(&self.data.train));
        let read = |stage: &store::Stage| read_model(&stage.folder(), 0, initial);
        stages.run(0, "learned", &inputs, read, |work| {
            first(&work);
            let lessons = self.labelled_lessons(part, initial)?;
            let learner = LearnPart::Classify(part.learn.clone());
            teach(work, 0, &learner, Teachable::alone(initial, initial), &lessons, Told::Steps)
        })
    }

    /// What a round teaches a classifier: the labels chosen for its attempts, and those that it was
    /// given in the beginning.
    pub(crate) fn labels(&self, model: &Model, chosen: &[Candidate]) -> Outcome<Vec<Lesson>> {
        let policy = model.policy(1);
        let examples = chosen.iter().filter(|candidate| candidate.teaching == Teaching::Example);
        let stream = |candidate: &Candidate| {
            let context = policy.encode(&candidate.trace.trained_under)?;
            let (id, tokens) = (candidate.trace.id.clone(), &candidate.trace.tokens);
            Ok(Lesson::Stream(Stream::new(id, &context, tokens, candidate.weight)))
        };
        let mut lessons = examples.map(stream).collect::<Outcome<Vec<_>>>()?;
        if let Some(part) = &self.recipe.classifier {
            lessons.extend(self.labelled_lessons(part, model)?);
        }
        Ok(lessons)
    }

    /// The tasks whose labels are given, with these.
    fn labelled_lessons(&self, part: &FromLabels, model: &Model) -> Outcome<Vec<Lesson>> {
        let Some(oracle) = &self.data.labels else { return Ok(Vec::new()) };
        let mut order: Vec<usize> = (0..self.data.train.len()).collect();
        Key::root(self.seed).of(LABELLED).random().shuffle(&mut order);
        let policy = model.policy(1);
        let labels = self.data.world.labels().unwrap_or_default();
        let tasks: Vec<&Task> = order.iter().take(part.labelled).map(|&place| &self.data.train[place]).collect();
        let lessons: Outcome<Vec<Option<Lesson>>> =
            tasks.par_iter().map(|task| labelled(task, policy.as_ref(), oracle.as_ref(), &labels)).collect();
        Ok(lessons?.into_iter().flatten().collect())
    }
}

/// A task with its right label; none if no label is right.
fn labelled(task: &Task, policy: &dyn Policy, oracle: &dyn Oracle, labels: &[String]) -> Outcome<Option<Lesson>> {
    let Some(label) = labels.iter().find(|label| oracle.judge(task, label) == Verdict::Right) else { return Ok(None) };
    let stream = Stream::new(task.id.clone(), &policy.encode(&task.prompt)?, &policy.encode_fragment(label), 1.0);
    Ok(Some(Lesson::Stream(stream)))
}
