//! One objective on a file of examples, without a loop: a trainer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use choose::Advantages;
use faults::Outcome;
use learn::{Course, LearnPart, Student};
use networks::{DeviceKind, Lora};
use nouns::{Digest, Key, Learn, Lesson, Progress, Stage, Update};
use sources::rows::Rows;
use store::Disk;

use crate::examples::{Reader, ungraded};
use crate::fault::TrainerFault;
use crate::watch::{Checkpoints, Evaluation, Watching};
use checkpoint::refuse_training;
use checkpoint::{Model, UPDATE, Whereabouts, open_adapted, open_merged, trained_files};

/// What is asked of the trainer.
#[derive(Clone, Debug)]
pub struct Train {
    /// The objective with its settings.
    pub part: LearnPart,
    /// How rewards of answers become advantages, where the objective takes rollouts.
    pub advantages: Advantages,
    /// The folder of the model that learns.
    pub model: PathBuf,
    /// The folder of an adapter of that model, which goes on learning in its place.
    pub adapter: Option<PathBuf>,
    /// The folder of the model that it is held to, or of its teacher; without one, the model as it
    /// is before the first step.
    pub reference: Option<PathBuf>,
    /// The device that computes.
    pub device: DeviceKind,
    /// Root of every random draw.
    pub seed: u64,
    /// Where the trained model goes, or its adapter if that is what was trained; without it nothing
    /// is written.
    pub out: Option<PathBuf>,
    /// The share of the examples that is held back for evaluation, where no file is given for that.
    pub held_share: f64,
    /// Steps from one evaluation to the next; 0 evaluates before the first step and after the last.
    pub evaluate_every: u32,
    /// Where the training goes on after it was stopped.
    pub checkpoints: Option<Checkpoints>,
}

/// Where examples come from.
pub struct Examples {
    /// What is learned from.
    pub rows: Rows,
    /// Other files, each with its share of all that is learned from.
    pub others: Vec<(Rows, f64)>,
    /// What is evaluated and not learned from.
    pub held: Option<Rows>,
}

impl Examples {
    /// Of one file.
    pub fn of(rows: Rows) -> Examples {
        Examples { rows, others: Vec::new(), held: None }
    }
}

/// What came of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// What happened to the weights.
    pub update: Update,
    /// Losses on examples that were not learned from.
    pub evaluations: Vec<Evaluation>,
    /// How many examples these are.
    pub held: usize,
}

/// The file beside the weights that holds the evaluations.
const EVALUATIONS: &str = "evaluations.json";

impl Train {
    /// Learns from the rows of files, and evaluates on those of another, if there is one. What is
    /// wrong with a row is said before the first step.
    pub fn run(&self, examples: Examples, progress: &dyn Progress) -> Outcome<Trained> {
        self.refuse_taken()?;
        let Whereabouts { weights, adapter } = Whereabouts::of(&self.model, self.adapter.as_deref())?;
        Train { model: weights, adapter, ..self.clone() }.train(examples, progress)
    }

    fn train(&self, examples: Examples, progress: &dyn Progress) -> Outcome<Trained> {
        let own = self.adapter.as_ref().map(|folder| Lora::from_folder(folder)).transpose()?;
        if let Some(why) = own.as_ref().and_then(Lora::merges) {
            return Err(TrainerFault::MergedAdapter { why }.into());
        }
        let lora = own.or(self.part.lora());
        refuse_training(&networks::read_config(&self.model)?, &[&self.part], lora.as_ref(), 0)?;
        let model = open_adapted(&self.model, self.adapter.as_deref(), self.device)?;
        let base = self.reference.as_ref().map(|folder| open_merged(folder, None, self.device)).transpose()?;
        let language = model.language()?;
        if self.adapter.is_some() && language.decoder.adapter().is_none() {
            return Err(TrainerFault::MergedAdapter { why: "weights of the model are saved beside it".into() }.into());
        }
        let base = match &base {
            Some(base) => base.language()?.decoder.clone(),
            None => language.decoder.clone(),
        };
        let key = Key::root(self.seed).of("train");
        let (lessons, held) = self.lessons(&model, examples, &key, progress)?;
        let student = Student { base, ..Student::new(language.decoder.clone(), language.device.clone()) };
        let watching = Arc::new(Watching {
            part: self.part.clone(),
            training: self.name(&student, &lessons, &held),
            student: student.clone(),
            model: model.clone(),
            key: key.clone(),
            held: (held, self.evaluate_every),
            checkpoints: self.checkpoints.clone(),
            evaluations: Mutex::default(),
        });
        let left = watching.left()?;
        if left.is_none() && !watching.held.0.is_empty() {
            watching.evaluate(&student.decoder, 0)?;
        }
        let course = Course { left, watch: Some(watching.clone()), ..Course::default() };
        let mut learner = self.part.build(Student { course, ..student });
        let update = learner.learn(&Stage { round: 0, key, progress }, &lessons)?;
        let evaluations = watching.evaluations.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let trained = Trained { update, evaluations, held: watching.held.0.len() };
        if let Some(out) = &self.out {
            let mut decoder = learner.into_student().decoder;
            decoder.name_base(&self.model.display().to_string());
            write(&model.with_weights(0, decoder)?, &trained, out)?;
        }
        Ok(trained)
    }

    /// What is learned from, and what is held back.
    fn lessons(
        &self,
        model: &Model,
        examples: Examples,
        key: &Key,
        progress: &dyn Progress,
    ) -> Outcome<(Vec<Lesson>, Vec<Lesson>)> {
        let language = model.language()?;
        let (tokens, sees) = (&language.tokens, language.decoder.config.context_length());
        let reader = Reader { tokens, sees, advantages: &self.advantages };
        let read = |rows: Rows| -> Outcome<Vec<Lesson>> {
            let mut lessons = reader.lessons(self.part.takes(), rows)?;
            ungraded(&mut lessons, model, progress)?;
            Ok(lessons)
        };
        let Examples { rows, others, held } = examples;
        let (own, held) = match (read(rows)?, held) {
            (own, Some(held)) => (own, read(held)?),
            (own, None) => self.split(own, key),
        };
        let (others, shares): (Vec<Rows>, Vec<f64>) = others.into_iter().unzip();
        let counts = crate::mixing::counts(own.len(), &shares)?;
        let mut lessons = own;
        for (number, (rows, count)) in (0..).zip(others.into_iter().zip(counts)) {
            lessons.extend(crate::mixing::drawn(&key.of("mixed").at(number), &read(rows)?, count));
        }
        Ok((lessons, held))
    }

    /// What is learned from, and the share that is held back.
    fn split(&self, lessons: Vec<Lesson>, key: &Key) -> (Vec<Lesson>, Vec<Lesson>) {
        let mut order: Vec<usize> = (0..lessons.len()).collect();
        key.of("held back").random().shuffle(&mut order);
        let count = (self.held_share.clamp(0.0, 1.0) * lessons.len() as f64).round() as usize;
        let mut back = vec![false; lessons.len()];
        order.into_iter().take(count).for_each(|place| back[place] = true);
        let (held, kept): (Vec<_>, Vec<_>) = lessons.into_iter().zip(back).partition(|(_, back)| *back);
        let plain = |lessons: Vec<(Lesson, bool)>| lessons.into_iter().map(|(lesson, _)| lesson).collect();
        (plain(kept), plain(held))
    }

    /// Names the training: a checkpoint of another one is no place to go on from.
    fn name(&self, student: &Student, lessons: &[Lesson], held: &[Lesson]) -> Digest {
        let part = ::recipe::Describe::values(self.part.describe()).to_string();
        let examples = [lessons, held].map(|lessons| serde_json::to_vec(lessons).unwrap_or_default());
        let (model, base) = (networks::digest(&student.decoder), networks::digest(&student.base));
        let (seed, every) = (self.seed.to_string(), self.evaluate_every.to_string());
        let name = self.part.describe().name();
        let texts = [name, &part, self.device.word(), &seed, &every, model.hex(), base.hex()].map(str::as_bytes);
        Digest::of_fields(texts.into_iter().chain(examples.iter().map(Vec::as_slice)))
    }

    /// Nothing that is there is overwritten.
    fn refuse_taken(&self) -> Result<(), TrainerFault> {
        match &self.out {
            Some(out) if out.exists() => Err(TrainerFault::Taken { path: out.clone() }),
            _ => Ok(()),
        }
    }
}

/// A copy of a model that has learned from all rows of its examples, and what happened to its
/// weights. Nothing is written, and nothing is held back for evaluation.
pub fn train_in_memory(
    model: &Model,
    part: &LearnPart,
    examples: Examples,
    seed: u64,
    progress: &dyn Progress,
) -> Outcome<(Model, Update)> {
    let language = model.language()?;
    refuse_training(&language.decoder.config, &[part], part.lora().as_ref(), 0)?;
    let advantages = Advantages::default();
    let (tokens, sees) = (&language.tokens, language.decoder.config.context_length());
    let reader = Reader { tokens, sees, advantages: &advantages };
    let mut lessons = reader.lessons(part.takes(), examples.rows)?;
    ungraded(&mut lessons, model, progress)?;
    let mut learner = part.build(Student::new(language.decoder.clone(), language.device.clone()));
    let update = learner.learn(&Stage { round: 0, key: Key::root(seed).of("train"), progress }, &lessons)?;
    Ok((model.with_weights(model.round, learner.into_student().decoder)?, update))
}

fn write(model: &Model, trained: &Trained, out: &Path) -> Outcome<()> {
    let mut files = trained_files(model)?;
    files.push((UPDATE.into(), serde_json::to_vec_pretty(&trained.update).unwrap_or_default()));
    if !trained.evaluations.is_empty() {
        files.push((EVALUATIONS.into(), serde_json::to_vec_pretty(&trained.evaluations).unwrap_or_default()));
    }
    let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(Disk::real().write_folder(out, &borrowed)?)
}
