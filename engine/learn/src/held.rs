//! What a reference model says of the lessons' tokens.

use std::collections::HashMap;

use faults::Outcome;
use models::Decoder;
use nouns::Stream;

use crate::between::Between;
use crate::gradient::{numbers, scores};
use crate::moving::{Moving, Pace};
use crate::reads::Reads;
use crate::student::Student;

/// What a reference says of the lessons' tokens: once for all, or anew for every batch if it moves.
pub(crate) enum Held {
    /// It never moves. `[lessons][streams][length]`
    Fixed(Vec<Vec<Vec<f64>>>),
    /// It follows the student; what it says of the batch at hand, by lesson.
    Following { moving: Moving, said: Between<HashMap<usize, Vec<Vec<f64>>>>, micro_batch_tokens: usize },
}

impl Held {
    /// A reference that moves as `pace` says, if it says anything; `streams` are those of every lesson. What one that stays says is kept by
    /// whoever watches the student, and not computed again where a training goes on.
    pub(crate) fn new(
        reference: &Decoder,
        streams: &[Vec<&Stream>],
        pace: Pace,
        micro_batch_tokens: usize,
        student: &Student,
    ) -> Outcome<Held> {
        if pace.every > 0 {
            let moving = Moving::new(reference.clone(), pace, student.device.clone());
            return Ok(Held::Following { moving, said: Between::default(), micro_batch_tokens });
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
        Ok(Held::Fixed(streams.iter().map(|own| said.by_ref().take(own.len()).collect()).collect()))
    }

    /// The model, if it moves.
    pub(crate) fn moving(&self) -> Option<&Moving> {
        match self {
            Held::Fixed(_) => None,
            Held::Following { moving, .. } => Some(moving),
        }
    }

    /// Asks a reference that moves about the lessons of a batch.
    pub(crate) fn ask<'a>(&self, lessons: &[usize], streams: impl Fn(usize) -> Vec<&'a Stream>) {
        if let Held::Following { moving, said, micro_batch_tokens } = self {
            let flat: Vec<&Stream> = lessons.iter().flat_map(|&lesson| streams(lesson)).collect();
            let mut found = numbers(&moving.now(), &flat, Reads::LogProbs, *micro_batch_tokens).into_iter();
            let own = |&lesson: &usize| (lesson, found.by_ref().take(streams(lesson).len()).collect());
            *said.write() = lessons.iter().map(own).collect();
        }
    }

    /// What it says of a lesson of the batch that it was asked about. `[streams][length]`
    pub(crate) fn of<T>(&self, lesson: usize, see: impl FnOnce(&[Vec<f64>]) -> T) -> T {
        match self {
            Held::Fixed(scores) => see(&scores[lesson]),
            Held::Following { said, .. } => see(said.read().get(&lesson).map_or(&[], Vec::as_slice)),
        }
    }
}
