//! Training a copy of a model on lessons, and writing it down.

use std::sync::Arc;

use events::{Event, Facts, Word};
use faults::Outcome;
use learn::{Course, Student};
use networks::Decoder;
use nouns::{Learn, Lesson, Update};
use serde_json::json;

use crate::figures::facts;
use crate::rounds::Carry;
use crate::stages::Work;
use checkpoint::{Kind, Model, UPDATE, trained_files};

/// The model that a round's training begins with, and the run's base, which may be its reference.
#[derive(Clone, Copy)]
pub(crate) struct Teachable<'a> {
    pub(crate) from: &'a Model,
    pub(crate) base: &'a Model,
    /// The teacher model of a learner that names one.
    pub(crate) teacher: Option<&'a Model>,
    /// The moving average of the models before, if the recipe keeps one.
    pub(crate) average: Option<&'a Decoder>,
    /// Models kept before, with which what is learned is averaged.
    pub(crate) soup: &'a [Decoder],
    /// What goes on from the training before.
    pub(crate) carry: Carry,
    /// Which round of how many.
    pub(crate) part: (u32, u32),
    /// Whether an adapter that is on the model stays one: what is handed on is then the same
    /// weights with another adapter.
    pub(crate) keeps_adapter: bool,
    /// Where the folder of an adapter finds the base model; nothing where no folder holds it, and
    /// the model that is handed on must be whole.
    pub(crate) base_name: Option<&'a str>,
}

/// What becomes of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Adapter {
    /// It stays beside the weights, which are those of the base.
    Stays,
    /// It is merged at the end: a model is handed on whole.
    Merged,
}

/// What is reported while a model learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// One lesson, and every step.
    Steps,
    /// Nothing: the curves in the record are those of the policy.
    Nothing,
}

impl<'a> Teachable<'a> {
    /// A training that stands alone.
    pub(crate) fn alone(from: &'a Model, base: &'a Model) -> Teachable<'a> {
        let (teacher, average, soup) = (None, None, &[][..]);
        let (carry, part, keeps_adapter, base_name) = (Carry::Weights, (1, 1), false, None);
        Teachable { from, base, teacher, average, soup, carry, part, keeps_adapter, base_name }
    }

    /// What the training begins with, and what becomes of its adapter. A learner's own adapter goes
    /// on from round to round, over weights that are the base's, so that a round is a small folder
    /// and the reference no second copy. An adapter of other settings is merged before.
    fn begun(&self, from: &Decoder, part: &learn::LearnPart) -> (Decoder, Adapter) {
        if self.keeps_adapter {
            return (from.clone(), Adapter::Stays);
        }
        let stays = if self.base_name.is_some() && self.soup.is_empty() { Adapter::Stays } else { Adapter::Merged };
        match (from.adapter(), part.lora()) {
            (Some(own), Some(asked)) if own.is_like(&asked) => (from.clone(), stays),
            (None, Some(_)) if self.from.digest == self.base.digest => (from.clone(), stays),
            _ => (from.clone().merged(), Adapter::Merged),
        }
    }
}

/// Trains a copy of a model on lessons, and writes it down.
pub(crate) fn teach(
    work: Work,
    round: u32,
    part: &learn::LearnPart,
    models: Teachable,
    lessons: &[Lesson],
    told: Told,
) -> Outcome<((Model, Update), Facts)> {
    if told == Told::Steps {
        show_one(&work, round, models.from, lessons);
    }
    let (done, facts) = learned(&work, round, part, models, lessons)?;
    if told == Told::Steps {
        for step in &done.1.steps {
            work.bus.tell(&Event::Step { round, step: step.clone() });
        }
    }
    write_model(work, &done.0, &done.1)?;
    Ok((done, facts))
}

fn learned(
    work: &Work,
    round: u32,
    part: &learn::LearnPart,
    models: Teachable,
    lessons: &[Lesson],
) -> Outcome<((Model, Update), Facts)> {
    let Teachable { from, base, teacher, average, soup, carry, part: which, base_name, .. } = models;
    if let Kind::Classifier(classifier) = &from.kind {
        let (learned, mut update) = part.classify(&work.stage, classifier, lessons)?;
        let model = Model::of_classifier(round, learned);
        update.to = model.digest.clone();
        let facts = update_facts(&update);
        return Ok(((model, update), facts));
    }
    let (language, base) = (from.language()?, base.language()?);
    let (begun, adapter) = models.begun(&language.decoder, part);
    let teacher = teacher.map(Model::language).transpose()?;
    let optimizer_state = language.optimizer_state.as_deref().filter(|_| carry != Carry::Weights).cloned();
    let mut learner = part.build(Student {
        base: base.decoder.clone(),
        teacher: teacher.map(|teacher| teacher.decoder.clone()),
        average: average.cloned(),
        course: Course { optimizer_state, part: (carry == Carry::Schedule).then_some(which), ..Course::default() },
        ..Student::new(begun, language.device.clone())
    });
    let mut update = learner.learn(&work.stage, lessons)?;
    let Student { decoder, course, .. } = learner.into_student();
    let stays = adapter == Adapter::Stays;
    let mut handed_on = if stays { decoder } else { decoder.merged() };
    if let Some(name) = base_name.filter(|_| stays) {
        handed_on.name_base(name);
    }
    let stirred = (2u32..).zip(soup).fold(handed_on, |mean, (count, other)| {
        networks::mixed(&mean, f64::from(count - 1) / f64::from(count), other, &language.device)
    });
    // what is remembered of an adapter that is merged is of no use
    let goes_on = carry != Carry::Weights && (stays || part.lora().is_none());
    let state = course.optimizer_state.filter(|_| goes_on).map(Arc::new);
    let model = from.with_weights(round, stirred)?.with_optimizer_state(state);
    update.to = model.digest.clone();
    let facts = update_facts(&update);
    Ok(((model, update), facts))
}

fn update_facts(update: &Update) -> Facts {
    facts([
        ("lessons", json!(update.lessons)),
        ("steps", json!(update.steps.len())),
        ("trained_tokens", json!(update.cost.trained_tokens)),
        ("loss", json!(update.steps.last().map(|step| step.loss))),
    ])
}

fn write_model(work: Work, model: &Model, update: &Update) -> Outcome<()> {
    let mut files = trained_files(model)?;
    let update = serde_json::to_vec_pretty(update).unwrap_or_default();
    files.push((UPDATE.into(), update));
    let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(work.draft.folder(&borrowed)?)
}

/// Before training starts: one example as the learner sees it, with its mask.
fn show_one(work: &Work, round: u32, model: &Model, lessons: &[Lesson]) {
    let Some(stream) = lessons.first().and_then(|lesson| lesson.streams().into_iter().next()) else { return };
    let Ok(language) = model.language() else { return };
    let words = language.tokens.show_mask(stream).into_iter().map(|(text, taught)| Word { text, taught }).collect();
    work.bus.tell(&Event::ExampleShown { round, words });
}
