//! One objective on a file of examples, without a loop: a trainer.

mod examples;
mod objective;

use std::path::{Path, PathBuf};

use faults::Outcome;
use learn::{LearnPart, Student};
use models::{DeviceKind, device};
use nouns::{Key, Learn, Progress, Stage, Update};
use store::Disk;
use worlds::rows::Rows;

pub use objective::objective;

use crate::fault::RepeatFault;
use crate::memory::refuse_training;
use crate::model::{Model, UPDATE, model_files, open_model};
use examples::{Reader, ungraded};

/// What is asked of the trainer.
#[derive(Clone, Debug)]
pub struct Train {
    /// The objective with its settings.
    pub part: LearnPart,
    /// The folder of the model that learns.
    pub model: PathBuf,
    /// The folder of the model that it is held to; without one, the model as it is before the first step.
    pub reference: Option<PathBuf>,
    /// Root of every random draw.
    pub seed: u64,
    /// Where the trained model goes; without it nothing is written.
    pub out: Option<PathBuf>,
}

impl Train {
    /// Learns from the rows of a file. What is wrong with one is said before the first step.
    pub fn run(&self, rows: Rows, progress: &dyn Progress) -> Outcome<Update> {
        self.refuse_taken()?;
        let device = device(DeviceKind::Cpu)?;
        refuse_training(&models::read_config(&self.model)?, self.part.batch_tokens())?;
        let model = open_model(&self.model, &device)?;
        let base = self.reference.as_ref().map(|folder| open_model(folder, &device)).transpose()?;
        let base = base.map_or_else(|| model.decoder.clone(), |base| base.decoder);
        let mut lessons = Reader { tokens: &model.tokens, sees: model.decoder.config.context_length() }
            .lessons(self.part.takes(), rows)?;
        ungraded(&mut lessons, &model, progress)?;
        let stage = Stage { round: 0, key: Key::root(self.seed).of("train"), progress };
        let mut learner = self.part.build(Student { decoder: model.decoder.clone(), base, teacher: None, device });
        let update = learner.learn(&stage, &lessons)?;
        if let Some(out) = &self.out {
            write(&model.with_weights(0, learner.into_student().decoder), &update, out)?;
        }
        Ok(update)
    }

    /// Nothing that is there is overwritten.
    fn refuse_taken(&self) -> Result<(), RepeatFault> {
        match &self.out {
            Some(out) if out.exists() => Err(RepeatFault::Taken { path: out.clone() }),
            _ => Ok(()),
        }
    }
}

fn write(model: &Model, update: &Update, out: &Path) -> Outcome<()> {
    let mut files = model_files(model)?;
    files.push((UPDATE.into(), serde_json::to_vec_pretty(update).unwrap_or_default()));
    let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(Disk::real().write_folder(out, &borrowed)?)
}
