//! TensorBoard event files.
//!
//! | event | tags | step |
//! |---|---|---|
//! | [`Event::Step`] | `train/loss`, `train/grad_norm`, `train/learning_rate`, `train/num_tokens` (so far) and the objective's metrics, as TRL logs them | optimizer steps so far |
//! | [`Event::Scored`] | `eval/METRIC on ON`, for example `eval/accuracy on game24/test` | round |
//! | [`Event::StageFinished`] | `STAGE/FACT` for each fact that is a number | round |
//!
//! Steps are counted through all rounds. Who resumes a run gives the new file's sink the recorded
//! events first ([`crate::read_lines`]), and the file is whole again.

mod record;

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use nouns::Step;

use crate::{Event, Facts, Sink, Time};

/// Writes an event file.
pub struct TensorBoard<W> {
    state: Mutex<State<W>>,
}

struct State<W> {
    writer: W,
    /// Optimizer steps so far.
    steps: u64,
    /// Training tokens so far.
    tokens: u64,
    trouble: Option<String>,
}

impl<W: Write + Send> TensorBoard<W> {
    /// Writes to this writer, which is a new file: its header is dated `at`.
    ///
    /// TensorBoard finds files whose names contain `tfevents`.
    pub fn new(mut writer: W, at: Time) -> io::Result<Self> {
        writer.write_all(&record::header(at.seconds()))?;
        Ok(TensorBoard { state: Mutex::new(State { writer, steps: 0, tokens: 0, trouble: None }) })
    }
}

impl<W: Write + Send> Sink for TensorBoard<W> {
    fn see(&self, at: Time, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((step, scalars)) = state.scalars(event)
            && state.trouble.is_none()
        {
            let bytes = record::scalars(at.seconds(), step, &scalars);
            let written = state.writer.write_all(&bytes).and_then(|()| state.writer.flush());
            state.trouble = written.err().map(|e| format!("TensorBoard events are no longer written: {e}"));
        }
    }

    fn trouble(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }
}

type Scalars = Vec<(String, f32)>;

impl<W> State<W> {
    /// What of an event is drawn, and at which step.
    fn scalars(&mut self, event: &Event) -> Option<(u64, Scalars)> {
        match event {
            Event::Step { step, .. } => Some(self.step(step)),
            Event::Scored { round, metric, on, value: Some(value), .. } => {
                Some((u64::from(*round), vec![(format!("eval/{metric} on {on}"), *value as f32)]))
            }
            Event::StageFinished { round, stage, facts, .. } => {
                let scalars = numbers(stage, facts);
                (!scalars.is_empty()).then_some((u64::from(*round), scalars))
            }
            _ => None,
        }
    }

    fn step(&mut self, step: &Step) -> (u64, Scalars) {
        self.steps += 1;
        self.tokens += step.tokens;
        let scalars = [
            ("loss", step.loss),
            ("grad_norm", step.grad_norm),
            ("learning_rate", step.learning_rate),
            ("num_tokens", self.tokens as f64),
        ];
        let metrics = step.metrics.iter().map(|(name, value)| (name.as_str(), *value));
        let drawn = scalars.into_iter().chain(metrics).map(|(name, value)| (format!("train/{name}"), value as f32));
        (self.steps, drawn.collect())
    }
}

fn numbers(stage: &str, facts: &Facts) -> Scalars {
    let number = |(name, fact): (&String, &serde_json::Value)| Some((format!("{stage}/{name}"), fact.as_f64()? as f32));
    facts.iter().filter_map(number).collect()
}
