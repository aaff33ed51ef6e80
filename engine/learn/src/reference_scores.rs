//! Log-probabilities of the lessons' tokens under a reference model.

use std::collections::HashMap;

use faults::Outcome;
use networks::Decoder;
use nouns::Stream;

use crate::between::Between;
use crate::ema::{EmaModel, EmaSchedule};
use crate::gradient::{numbers, scores};
use crate::reads::Reads;
use crate::student::Student;

/// Log-probabilities of the lessons' tokens under the reference: computed once, or anew for every
/// batch by an EMA reference.
pub(crate) enum ReferenceScores {
    /// The reference stays as it is. `[lessons][streams][length]`
    Fixed(Vec<Vec<Vec<f64>>>),
    /// An EMA reference; its log-probabilities of the batch at hand, by lesson.
    Following { ema: EmaModel, said: Between<HashMap<usize, Vec<Vec<f64>>>>, micro_batch_tokens: usize },
}

impl ReferenceScores {
    /// An EMA reference, updated by `schedule`, or a fixed one if that never updates; `streams` are
    /// those of every lesson. Scores of a fixed one are kept by the training's watcher, and not
    /// computed again where a training goes on.
    pub(crate) fn new(
        reference: &Decoder,
        streams: &[Vec<&Stream>],
        schedule: EmaSchedule,
        micro_batch_tokens: usize,
        student: &Student,
    ) -> Outcome<ReferenceScores> {
        if schedule.every > 0 {
            let ema = EmaModel::new(reference.clone(), schedule, student.device.clone());
            return Ok(ReferenceScores::Following { ema, said: Between::default(), micro_batch_tokens });
        }
        let flat: Vec<&Stream> = streams.iter().flatten().copied().collect();
        let watch = student.course.watch.as_ref();
        let fits = |said: &Vec<Vec<f64>>| said.iter().map(Vec::len).eq(flat.iter().map(|stream| stream.tokens.len()));
        let said = match watch.map(|watch| watch.recall()).transpose()?.flatten().filter(fits) {
            Some(said) => said,
            None => {
                let said = scores(reference, &flat, micro_batch_tokens);
                watch.map(|watch| watch.keep(&said)).transpose()?;
                said
            }
        };
        let mut said = said.into_iter();
        Ok(ReferenceScores::Fixed(streams.iter().map(|own| said.by_ref().take(own.len()).collect()).collect()))
    }

    /// The EMA reference, if it is one.
    pub(crate) fn ema(&self) -> Option<&EmaModel> {
        match self {
            ReferenceScores::Fixed(_) => None,
            ReferenceScores::Following { ema, .. } => Some(ema),
        }
    }

    /// Scores the lessons of a batch by an EMA reference.
    pub(crate) fn ask<'a>(&self, lessons: &[usize], streams: impl Fn(usize) -> Vec<&'a Stream>) {
        if let ReferenceScores::Following { ema, said, micro_batch_tokens } = self {
            let flat: Vec<&Stream> = lessons.iter().flat_map(|&lesson| streams(lesson)).collect();
            let mut found = numbers(&ema.now(), &flat, Reads::LogProbs, *micro_batch_tokens).into_iter();
            let own = |&lesson: &usize| (lesson, found.by_ref().take(streams(lesson).len()).collect());
            *said.write() = lessons.iter().map(own).collect();
        }
    }

    /// The scores of a lesson of the batch at hand. `[streams][length]`
    pub(crate) fn of<T>(&self, lesson: usize, see: impl FnOnce(&[Vec<f64>]) -> T) -> T {
        match self {
            ReferenceScores::Fixed(scores) => see(&scores[lesson]),
            ReferenceScores::Following { said, .. } => see(said.read().get(&lesson).map_or(&[], Vec::as_slice)),
        }
    }
}
