//! Running one stage durably: used again if its output serves, else done and committed.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use events::{Bus, Event, Facts};
use faults::Outcome;
use nouns::{Digest, Key};
use serde::Serialize;
use serde_json::{Value, json};
use store::{Draft, EventLog, Inputs, Reason, RunFolder, RunWriter, Stage, Status};

use crate::fault::RepeatFault;
use crate::meter::Meter;

/// What runs stages: the run folder, the events, and the stop flag.
pub(crate) struct Stages<'a> {
    run: &'a RunFolder,
    /// None only looks: the first stage that would have to run ends the walk.
    writer: Option<&'a RunWriter>,
    bus: &'a Bus,
    log: Option<&'a EventLog>,
    stop: &'a AtomicBool,
    key: Key,
    /// Every stage come to since this process began, and why it has to run, if it has.
    pub(crate) lines: Vec<Line>,
}

/// A stage, and why it has to run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The round.
    pub round: u32,
    /// The stage.
    pub stage: String,
    /// Whether its output serves as it is.
    pub done: bool,
    /// Why it has to run, in words; none if it is done.
    pub reason: Option<String>,
}

/// A stage's output with its fingerprint, facts and seconds.
pub(crate) struct Done<T> {
    pub(crate) output: T,
    pub(crate) fingerprint: Digest,
    pub(crate) facts: Facts,
    pub(crate) seconds: f64,
}

/// What the body of a stage is given.
pub(crate) struct Work<'a, 'run> {
    pub(crate) draft: &'a mut Draft<'run>,
    pub(crate) stage: nouns::Stage<'a>,
    pub(crate) meter: &'a Meter<'a>,
    pub(crate) bus: &'a Bus,
    /// The round's folder.
    pub(crate) folder: PathBuf,
    /// The run folder's name.
    pub(crate) run: String,
}

impl<'a> Stages<'a> {
    pub(crate) fn new(
        run: &'a RunFolder,
        writer: Option<&'a RunWriter>,
        bus: &'a Bus,
        log: Option<&'a EventLog>,
        stop: &'a AtomicBool,
        seed: u64,
    ) -> Stages<'a> {
        Stages { run, writer, bus, log, stop, key: Key::root(seed), lines: Vec::new() }
    }

    /// The output of a stage: read back if what is there was made from these inputs and is whole,
    /// else made.
    ///
    /// `make` may emit events: they belong to the stage and are emitted again if it is done again.
    pub(crate) fn run<T>(
        &mut self,
        round: u32,
        name: &str,
        inputs: &Inputs,
        read: impl FnOnce(&Stage) -> Outcome<T>,
        make: impl FnOnce(Work) -> Outcome<(T, Facts)>,
    ) -> Outcome<Done<T>> {
        let stage = self.run.stage(round, name);
        match stage.verified_status(inputs) {
            Status::Done(manifest) => {
                tracing::debug!(round, stage = name, fingerprint = %manifest.fingerprint, "stage reused");
                self.bus.tell(&Event::StageReused { round, stage: name.to_owned() });
                self.lines.push(Line { round, stage: name.to_owned(), done: true, reason: None });
                let facts = serde_json::from_value(manifest.facts.clone()).unwrap_or_default();
                let seconds = manifest.timing["seconds"].as_f64().unwrap_or(0.0);
                Ok(Done { output: read(&stage)?, fingerprint: manifest.fingerprint.clone(), facts, seconds })
            }
            Status::Stale(why) | Status::Missing(why) | Status::Damaged(why) => {
                self.explain(&stage, &why);
                self.make(&stage, inputs, make)
            }
        }
    }

    fn explain(&mut self, stage: &Stage, why: &Reason) {
        let (round, name) = (stage.round(), stage.name().to_owned());
        tracing::debug!(round, stage = name, reason = %why, "stage will run");
        self.lines.push(Line { round, stage: name, done: false, reason: Some(why.to_string()) });
        if matches!(why, Reason::FileMissing { .. } | Reason::FileTruncated { .. } | Reason::FileChanged { .. }) {
            self.bus.tell(&Event::CheckpointDamaged {
                path: stage.folder().display().to_string(),
                why: why.to_string(),
                instead: "the stage is done again".into(),
            });
        }
    }

    fn make<T>(
        &self,
        stage: &Stage,
        inputs: &Inputs,
        make: impl FnOnce(Work) -> Outcome<(T, Facts)>,
    ) -> Outcome<Done<T>> {
        let (round, name, began) = (stage.round(), stage.name(), Instant::now());
        let Some(writer) = self.writer else { return Err(RepeatFault::OnlyLooking.into()) };
        let mut draft = writer.begin(stage, inputs)?;
        self.bus.tell(&Event::StageStarted { round, stage: name.to_owned() });
        let meter = Meter::new(self.bus, self.stop, round, name);
        let key = self.key.at(u64::from(round)).of(name);
        let work = Work {
            draft: &mut draft,
            stage: nouns::Stage { round, key, progress: &meter },
            meter: &meter,
            bus: self.bus,
            folder: stage.round_folder().to_owned(),
            run: self.run.path().file_name().map_or(String::new(), |name| name.to_string_lossy().into()),
        };
        let (output, facts) = make(work)?;
        let seconds = began.elapsed().as_secs_f64();
        // The line is written before the manifest: see `EventLog::open`.
        self.bus.tell(&Event::StageFinished { round, stage: name.to_owned(), facts: facts.clone(), seconds });
        self.log.map_or(Ok(()), EventLog::sync)?;
        let recorded = serde_json::to_value(&facts).unwrap_or(Value::Null);
        writer.refuse_moved()?;
        let manifest = draft.commit(recorded, json!({ "seconds": seconds }))?;
        tracing::info!(round, stage = name, seconds, fingerprint = %manifest.fingerprint, "stage committed");
        Ok(Done { output, fingerprint: manifest.fingerprint, facts, seconds })
    }
}
