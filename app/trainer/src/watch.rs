//! What a training leaves on its way: losses on examples that it does not learn from, and
//! checkpoints from which it goes on.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use faults::Outcome;
use learn::{LearnPart, Left, Seen, Student, Watch};
use networks::{Decoder, Lora, NumberFormat};
use nouns::{Digest, Key, Lesson, Silent, Stage, Step};
use serde::{Deserialize, Serialize};
use store::Disk;

use crate::fault::TrainerFault;
use checkpoint::{Model, OPTIMIZER_STATE, read_optimizer_state, trained_files};

/// The loss on examples that are not learned from, after some step; 0 is before the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Steps taken.
    pub step: u32,
    /// The objective's loss.
    pub loss: f64,
    /// What it reports beside that.
    pub metrics: std::collections::BTreeMap<String, f64>,
}

/// Where checkpoints go, and how often.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    /// Their folder.
    pub folder: PathBuf,
    /// Steps from one to the next.
    pub every: u32,
}

/// What a checkpoint says of the training: `training.json`.
#[derive(Serialize, Deserialize)]
struct Told {
    /// Names the training: settings, seed, models and examples.
    training: Digest,
    steps: Vec<Step>,
    evaluations: Vec<Evaluation>,
}

const TOLD: &str = "training.json";
/// The weights of the model that follows the one that learns.
const FOLLOWER: &str = "follower.safetensors";

/// Watches a training.
pub(super) struct Watching {
    pub(super) part: LearnPart,
    /// The student before its first step.
    pub(super) student: Student,
    /// The model's tokenizer, for the folders of checkpoints.
    pub(super) model: Model,
    pub(super) key: Key,
    /// Examples that are not learned from, and after how many steps they are looked at; 0 is at the
    /// end alone.
    pub(super) held: (Vec<Lesson>, u32),
    pub(super) checkpoints: Option<Checkpoints>,
    pub(super) training: Digest,
    pub(super) evaluations: Mutex<Vec<Evaluation>>,
}

impl Watching {
    /// Looks at the examples that are not learned from.
    pub(super) fn evaluate(&self, decoder: &Decoder, step: u32) -> Outcome<()> {
        let stage = Stage { round: 0, key: self.key.clone(), progress: &Silent };
        let learner = self.part.build(Student { decoder: decoder.clone(), ..self.student.clone() });
        let found = learner.assess(&stage, &self.held.0)?;
        let mut evaluations = self.evaluations.lock().unwrap_or_else(PoisonError::into_inner);
        evaluations.extend(found.map(|found| Evaluation { step, loss: found.loss, metrics: found.metrics }));
        Ok(())
    }

    fn save(&self, checkpoints: &Checkpoints, seen: &Seen) -> Outcome<()> {
        let Seen { decoder, optimizer_state, steps, follower, .. } = *seen;
        let mut files = trained_files(&self.model.with_weights(0, decoder.clone())?)?;
        files.push((OPTIMIZER_STATE.into(), optimizer_state.to_bytes()));
        if let Some(follower) = follower {
            files.push((FOLLOWER.into(), networks::to_safetensors(follower, NumberFormat::F32)?));
        }
        let evaluations = self.evaluations.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let told = Told { training: self.training.clone(), steps: steps.to_vec(), evaluations };
        files.push((TOLD.into(), serde_json::to_vec(&told).unwrap_or_default()));
        let borrowed: Vec<(&str, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let disk = Disk::real();
        disk.create_folder(&checkpoints.folder)?;
        let before = kept(&checkpoints.folder)?;
        disk.write_folder(&checkpoints.folder.join(format!("step-{:08}", steps.len())), &borrowed)?;
        // The one before stays too: should this one be damaged, that one serves.
        before.iter().rev().skip(1).try_for_each(|old| disk.remove(old))?;
        Ok(())
    }

    /// Where the newest checkpoint left the training; none without one. A checkpoint of another
    /// training is refused.
    pub(super) fn left(&self) -> Outcome<Option<Left>> {
        let Some(Checkpoints { folder, .. }) = &self.checkpoints else { return Ok(None) };
        if !folder.is_dir() {
            return Ok(None);
        }
        let Some(newest) = kept(folder)?.pop() else { return Ok(None) };
        let told: Told = store::read_json(&newest.join(TOLD))?;
        if told.training != self.training {
            return Err(TrainerFault::AnotherTraining { path: newest }.into());
        }
        let decoder = match Lora::is_in(&newest) {
            true => self.student.decoder.clone().with_adapter(&newest, &self.student.device)?,
            false => networks::from_folder(&newest, &self.student.device)?,
        };
        *self.evaluations.lock().unwrap_or_else(PoisonError::into_inner) = told.evaluations;
        let optimizer_state = read_optimizer_state(&newest)?.unwrap_or_default();
        let follower = newest.join(FOLLOWER);
        let follower = match follower.is_file() {
            true => {
                let (config, bytes) = (self.student.base.config.clone(), store::read_bytes(&follower)?);
                Some(networks::from_safetensors(config, &bytes, &follower, &self.student.device)?)
            }
            false => None,
        };
        Ok(Some(Left { decoder, optimizer_state, steps: told.steps, follower }))
    }
}

/// What a reference said, beside the checkpoints.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Names the training.
    training: Digest,
    /// Tokens of every stream; their log-probabilities are the other file's, one after the other.
    lengths: Vec<usize>,
}

/// The folder beside the checkpoints that holds it, and its files.
const REFERENCE: &str = "reference";
const KEPT: &str = "reference.json";
const LOG_PROBS: &str = "log_probs.f32";

/// The checkpoints of a folder, oldest first.
fn kept(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let all = store::entries(folder)?;
    Ok(all.into_iter().filter(|(_, name)| name.starts_with("step-")).map(|(path, _)| path).collect())
}

impl Watch for Watching {
    fn recall(&self) -> Outcome<Option<Vec<Vec<f64>>>> {
        let Some(Checkpoints { folder, .. }) = &self.checkpoints else { return Ok(None) };
        let folder = folder.join(REFERENCE);
        if !folder.join(KEPT).is_file() {
            return Ok(None);
        }
        let kept: Kept = store::read_json(&folder.join(KEPT))?;
        if kept.training != self.training {
            return Err(TrainerFault::AnotherTraining { path: folder }.into());
        }
        let bytes = store::read_bytes(&folder.join(LOG_PROBS))?;
        let mut numbers = bytes.as_chunks::<4>().0.iter().map(|four| f64::from(f32::from_le_bytes(*four)));
        Ok(Some(kept.lengths.iter().map(|&length| numbers.by_ref().take(length).collect()).collect()))
    }

    fn keep(&self, said: &[Vec<f64>]) -> Outcome<()> {
        let Some(Checkpoints { folder, .. }) = &self.checkpoints else { return Ok(()) };
        let kept = Kept { training: self.training.clone(), lengths: said.iter().map(Vec::len).collect() };
        // They are f32 in the first place.
        let numbers: Vec<u8> = said.iter().flatten().flat_map(|&number| (number as f32).to_le_bytes()).collect();
        let disk = Disk::real();
        disk.create_folder(folder)?;
        let kept = serde_json::to_vec(&kept).unwrap_or_default();
        Ok(disk.write_folder(&folder.join(REFERENCE), &[(KEPT, &kept), (LOG_PROBS, &numbers)])?)
    }

    fn wants(&self, step: u32, of: u32) -> bool {
        let every = |every: u32| every > 0 && step.is_multiple_of(every);
        let held = !self.held.0.is_empty() && (every(self.held.1) || step == of);
        held || self.checkpoints.as_ref().is_some_and(|checkpoints| every(checkpoints.every))
    }

    fn see(&self, seen: &Seen) -> Outcome<()> {
        let step = seen.steps.len() as u32;
        let (held, every) = &self.held;
        if !held.is_empty() && (step == seen.of || *every > 0 && step.is_multiple_of(*every)) {
            self.evaluate(seen.decoder, step)?;
        }
        match &self.checkpoints {
            Some(checkpoints) if checkpoints.every > 0 && step.is_multiple_of(checkpoints.every) => {
                self.save(checkpoints, seen)
            }
            _ => Ok(()),
        }
    }
}
