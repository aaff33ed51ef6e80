//! Training a copy of a model on lessons, and writing it down.

use events::{Event, Facts, Word};
use faults::Outcome;
use learn::Student;
use nouns::{Learn, Lesson, Update};
use serde_json::json;
use tokens::Tokens;

use crate::figures::facts;
use crate::model::{Model, UPDATE, model_files};
use crate::stages::Work;

/// The model that a round's training begins with, and the run's base, to which it may be held.
#[derive(Clone, Copy)]
pub(crate) struct Teachable<'a> {
    pub(crate) from: &'a Model,
    pub(crate) base: &'a Model,
    /// The model that plays the teacher whom a learner names.
    pub(crate) teacher: Option<&'a Model>,
}

/// Trains a copy of the policy on lessons, and writes it down. People are shown one lesson, and told of every step.
pub(crate) fn teach(
    work: Work,
    round: u32,
    part: &learn::LearnPart,
    Teachable { from, base, teacher }: Teachable,
    lessons: &[Lesson],
) -> Outcome<((Model, Update), Facts)> {
    show_one(&work, round, &from.tokens, lessons);
    let (done, facts) = learned(&work, round, part, Teachable { from, base, teacher }, lessons)?;
    for step in &done.1.steps {
        work.bus.tell(&Event::Step { round, step: step.clone() });
    }
    write_model(work, &done.0, &done.1)?;
    Ok((done, facts))
}

/// Trains a copy of a model beside the policy, and writes it down. The curves in the record are the policy's.
pub(crate) fn teach_beside(
    work: Work,
    round: u32,
    part: &learn::LearnPart,
    models: Teachable,
    lessons: &[Lesson],
) -> Outcome<((Model, Update), Facts)> {
    let (done, facts) = learned(&work, round, part, models, lessons)?;
    write_model(work, &done.0, &done.1)?;
    Ok((done, facts))
}

fn learned(
    work: &Work,
    round: u32,
    part: &learn::LearnPart,
    Teachable { from, base, teacher }: Teachable,
    lessons: &[Lesson],
) -> Outcome<((Model, Update), Facts)> {
    let mut learner = part.build(Student {
        decoder: from.decoder.clone(),
        base: base.decoder.clone(),
        teacher: teacher.map(|teacher| teacher.decoder.clone()),
        device: from.device.clone(),
    });
    let update = learner.learn(&work.stage, lessons)?;
    let model = from.with_weights(round, learner.into_student().decoder);
    let last = update.steps.last();
    let facts = facts([
        ("lessons", json!(update.lessons)),
        ("steps", json!(update.steps.len())),
        ("trained_tokens", json!(update.cost.trained_tokens)),
        ("loss", json!(last.map(|step| step.loss))),
    ]);
    Ok(((model, update), facts))
}

fn write_model(work: Work, model: &Model, update: &Update) -> Outcome<()> {
    let mut files = model_files(model)?;
    let update = serde_json::to_vec_pretty(update).unwrap_or_default();
    files.push((UPDATE.into(), update));
    let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(work.draft.folder(&borrowed)?)
}

/// Before training starts: one example as the learner sees it, with its mask.
fn show_one(work: &Work, round: u32, tokens: &Tokens, lessons: &[Lesson]) {
    let Some(stream) = lessons.first().and_then(|lesson| lesson.streams().into_iter().next()) else { return };
    let words = tokens.show_mask(stream).into_iter().map(|(text, taught)| Word { text, taught }).collect();
    work.bus.tell(&Event::ExampleShown { round, words });
}
