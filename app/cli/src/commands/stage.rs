//! What `generate` and `score` share: a file of lines in, a file of lines out, and going on where
//! an earlier run of the same command was cut off.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use events::duration;
use faults::Outcome;
use folder::InputLine;
use nouns::{Digest, Progress, Tick};
use serde_json::{Value, json};
use sources::rows::Rows;
use sources::{Columns, Questions};
use store::{Appender, Disk};

use crate::console::Console;
use crate::fault::CliFault;

/// The lines to be worked on.
pub(crate) struct Lines {
    /// Each line, with its number from 1.
    pub(crate) said: Vec<(u64, InputLine)>,
    /// What each line's result is made from.
    made_from: Vec<String>,
}

/// What a line takes beside its text, with what is made of it. [bytes]
const LINE: u64 = 512;

impl Lines {
    /// Reads a file, or standard input if it is called `-`. `settings` is everything beside the
    /// line that decides its result. With `questions` its rows are records of a data file.
    pub(crate) fn read(
        path: &Path,
        columns: &Columns,
        settings: &Value,
        questions: Option<&Questions>,
    ) -> Outcome<Lines> {
        let rows = match path.to_str() {
            Some("-") => Rows::of_lines("-", Box::new(io::stdin().lock()), columns),
            _ if questions.is_some() => Rows::open(path, columns)?,
            _ => Rows::open(path, columns)?.only(&InputLine::COLUMNS)?,
        };
        let settings = settings.to_string();
        let mut lines = Lines { said: Vec::new(), made_from: Vec::new() };
        // All lines are in memory, and a small compressed file can have millions.
        let mut room = checkpoint::available_bytes().map_or(u64::MAX, |free| free / 2);
        for row in rows {
            let row = row?;
            room = room
                .checked_sub(row.text.len() as u64 + LINE)
                .ok_or_else(|| CliFault::ManyLines { path: path.to_owned(), lines: lines.said.len() })?;
            let said = match questions {
                Some(questions) => InputLine::put(&row, questions.put(&row)?),
                None => InputLine::try_from(&row)?,
            };
            lines.said.push((row.number, said));
            let from = Digest::of_fields([settings.as_bytes(), row.text.as_bytes()]);
            lines.made_from.push(from.short().to_owned());
        }
        Ok(lines)
    }
}

/// Where results go: a file to which an interrupted command can add, or standard output.
pub(crate) struct Results<'a> {
    console: &'a Console,
    file: Option<Appender>,
    /// How many lines are done already.
    pub(crate) done: usize,
}

impl<'a> Results<'a> {
    /// Opens the file, and finds out how far an earlier run of the same command came. A torn last
    /// line is cut off.
    pub(crate) fn open(console: &'a Console, out: Option<&Path>, lines: &Lines) -> Outcome<Results<'a>> {
        let Some(path) = out else { return Ok(Results { console, file: None, done: 0 }) };
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|source| CliFault::Output { path: path.to_owned(), source })?,
        };
        let (mut keep, mut done) = (0, 0);
        for line in bytes.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            let record: Value = serde_json::from_slice(line).unwrap_or_default();
            let number = lines.said.get(done).map(|(number, _)| *number);
            if record["line"].as_u64() != number
                || record["made_from"].as_str() != lines.made_from.get(done).map(String::as_str)
            {
                return Err(CliFault::OtherResults { path: path.to_owned(), line: done + 1 }.into());
            }
            (keep, done) = (keep + line.len() as u64, done + 1);
        }
        Ok(Results { console, file: Some(Appender::open(&Disk::real(), path, keep)?), done })
    }

    /// Writes the result of a line.
    pub(crate) fn write(&self, lines: &Lines, place: usize, mut result: Value) -> Outcome<()> {
        let (number, said) = &lines.said[place];
        if let Some(record) = result.as_object_mut() {
            record.insert("line".into(), json!(number));
            record.insert("made_from".into(), json!(lines.made_from[place]));
            record.extend(said.id.clone().map(|id| ("id".to_owned(), id)));
        }
        match &self.file {
            Some(file) => Ok(file.append(format!("{result}\n").as_bytes())?),
            None => self.console.print_json(&result),
        }
    }
}

/// How far the work is, on one line of standard error.
pub(crate) struct Meter<'a> {
    console: &'a Console,
    stop: Arc<AtomicBool>,
    began: Instant,
    lines: usize,
    state: Mutex<State>,
}

struct State {
    before: usize,
    tokens_before: u64,
    tokens: u64,
    /// Steps in which sequences were sampled, the sequences of all of them, and the most that the
    /// cache took.
    steps: u64,
    sequences: u64,
    cache_bytes: u64,
    shown: Instant,
}

impl State {
    /// How full the sampler was, if there was one.
    fn load(&self) -> String {
        if self.steps == 0 {
            return String::new();
        }
        let (mean, mebibytes) =
            (self.sequences as f64 / self.steps as f64, self.cache_bytes as f64 / f64::from(1 << 20));
        format!(", {mean:.0} at a time, {mebibytes:.1} MiB of cache")
    }
}

impl<'a> Meter<'a> {
    pub(crate) fn new(console: &'a Console, stop: Arc<AtomicBool>, lines: usize, done: usize) -> Meter<'a> {
        let now = Instant::now();
        let state = Mutex::new(State {
            before: done,
            tokens_before: 0,
            tokens: 0,
            steps: 0,
            sequences: 0,
            cache_bytes: 0,
            shown: now,
        });
        Meter { console, stop, began: now, lines, state }
    }

    /// Reports how many lines are done.
    pub(crate) fn lines_done(&self, done: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.before = done;
        state.tokens_before += state.tokens;
        state.tokens = 0;
    }

    /// Takes the line off the screen and says what was done.
    pub(crate) fn end(&self, what: &str, at: Option<&PathBuf>) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = self.began.elapsed().as_secs_f64();
        let rate = (state.tokens_before + state.tokens) as f64 / seconds.max(1e-9);
        let place = at.map_or(String::new(), |path| format!(", in {}", path.display()));
        let clear = if self.console.message_look.in_place { "\r\x1b[K" } else { "" };
        let (lines, load, took) = (self.lines, state.load(), duration(seconds));
        self.console.tell(&format!("{clear}{lines} lines {what} in {took}, {rate:.0} tok/s{load}{place}\n"));
    }
}

impl Progress for Meter<'_> {
    fn tick(&self, tick: Tick) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tokens = tick.tokens;
        if let Some(load) = tick.load {
            state.steps += 1;
            state.sequences += u64::from(load.sequences);
            state.cache_bytes = state.cache_bytes.max(load.cache_bytes);
        }
        if !self.console.message_look.in_place || state.shown.elapsed() < Duration::from_millis(200) {
            return;
        }
        state.shown = Instant::now();
        let rate = (state.tokens_before + state.tokens) as f64 / self.began.elapsed().as_secs_f64();
        let (done, lines) = (state.before, self.lines);
        self.console.tell(&format!("\r\x1b[K{done} of {lines} lines, {rate:.0} tok/s"));
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
