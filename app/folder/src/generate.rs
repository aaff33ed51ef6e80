//! Answers to the lines of a file.

use faults::Outcome;
use nouns::{Completion, Finish, Key, Policy, Progress, Request, Sampling};
use serde::Serialize;

use crate::fault::FolderFault;
use crate::lines::InputLine;
use crate::loaded::LoadedModel;

/// How lines are answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Generate {
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Answers to each line.
    pub per_line: u32,
    /// Root of every draw: a line's answers depend on it, on the line's number and on nothing
    /// beside.
    pub seed: u64,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// Its text, without special tokens.
    pub text: String,
    /// Its tokens, the end token included if it was drawn.
    pub tokens: Vec<u32>,
    /// Log-probability of each under the model at temperature 1, untruncated.
    pub log_probs: Vec<f32>,
    /// Why it ended.
    pub finish: Finish,
}

impl Generate {
    /// Answers some lines: for each its samples, in order.
    pub fn answers(
        &self,
        loaded: &LoadedModel,
        lines: &[(u64, InputLine)],
        progress: &dyn Progress,
    ) -> Outcome<Vec<Vec<Sample>>> {
        let mut requests = Vec::new();
        for (number, said) in lines {
            let context = said.context(loaded).map_err(|failure| FolderFault::on_line(*number, &failure))?;
            let key = Key::root(self.seed).of("generate").at(*number);
            requests.extend((0..self.per_line).map(|sample| Request {
                context: context.clone(),
                sampling: self.sampling.clone(),
                key: key.at(u64::from(sample)),
            }));
        }
        let completions = loaded.policy.sample(&requests, progress)?;
        let samples: Vec<Sample> = completions.into_iter().map(|done| loaded.spelled(done)).collect();
        Ok(samples.chunks(self.per_line.max(1) as usize).map(<[Sample]>::to_vec).collect())
    }
}

impl LoadedModel {
    pub(super) fn spelled(&self, done: Completion) -> Sample {
        let text = self.policy.decode_text(&done.tokens);
        Sample { text, tokens: done.tokens, log_probs: done.log_probs, finish: done.finish }
    }
}
