use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Event, Sink, Time};

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub time: Time,
    /// What.
    pub event: Event,
}

/// Writes the record of a run: a line of JSON an event, in one write each, so that a crash can cut
/// only the last.
pub struct Jsonl<W> {
    state: Mutex<State<W>>,
}

struct State<W> {
    writer: W,
    /// The first failure; nothing is written after it, so the record has no holes.
    trouble: Option<String>,
}

impl<W: Write + Send> Jsonl<W> {
    /// Writes to this writer.
    pub fn new(writer: W) -> Self {
        Jsonl { state: Mutex::new(State { writer, trouble: None }) }
    }
}

impl<W: Write + Send> Sink for Jsonl<W> {
    fn see(&self, at: Time, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if event.is_recorded() && state.trouble.is_none() {
            state.trouble =
                write(&mut state.writer, at, event).err().map(|e| format!("events are no longer recorded: {e}"));
        }
    }

    fn trouble(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }
}

fn write(writer: &mut impl Write, time: Time, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Line { time, event: event.clone() })?;
    line.push(b'\n');
    writer.write_all(&line)?;
    writer.flush()
}

/// Reads a record back. A line that is cut, or of a kind that this version does not know, is left
/// out.
pub fn read_lines(record: &str) -> impl Iterator<Item = Line> {
    record.lines().filter_map(|line| serde_json::from_str(line).ok())
}

/// The same JSON without what the wall clock decided: what is left is equal in two runs of the same
/// recipe and seed.
pub fn without_clock(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            let kept = std::mem::take(object).into_iter().filter(|(key, _)| !CLOCK.contains(&key.as_str()));
            *object = kept.map(|(key, value)| (key, without_clock(value))).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_clock(item.take())),
        _ => {}
    }
    value
}

/// The keys under which wall-clock facts stand.
const CLOCK: [&str; 3] = ["time", "seconds", "tokens_per_second"];
