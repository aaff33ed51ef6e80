//! What a person sees while a run goes.
//!
//! On a terminal: a heading, one line per finished round, whose bars are the accuracy curve on its
//! side, and below them one line that is drawn over and over: round, stage, bar, tokens per second,
//! time left, solved so far. Elsewhere: plain lines, one per finished stage and at most one about
//! progress every ten seconds.

mod announce;
mod live;
mod look;
mod plain;
mod rounds;
mod story;
mod text;
mod units;

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use look::Look;
pub use plain::fact;
pub use text::steers;
pub use units::{duration, figure, percent};

use crate::{Event, Sink, Time};
use story::Story;
use text::Text;

/// The shortest time between two drawings of the live line.
const REDRAW_SECONDS: f64 = 0.08;

/// The shortest time between two plain lines about progress.
const PLAIN_SECONDS: f64 = 10.0;

/// Shows a run to a person, on the writer it is given and nowhere else. A failing writer is left
/// alone: the display is no reason to stop a run.
pub struct Terminal {
    state: Mutex<State>,
}

struct State {
    writer: Box<dyn Write + Send>,
    look: Look,
    width: Box<dyn Fn() -> usize + Send>,
    story: Story,
    /// When the live line, or a plain line about progress, was last drawn.
    drawn: Time,
    /// Whether the live line stands on the screen.
    is_live: bool,
}

impl Terminal {
    /// Writes to `writer`, as `look` says.
    pub fn new(writer: impl Write + Send + 'static, look: Look) -> Self {
        let width = look.width;
        Terminal::with_width(writer, look, move || width)
    }

    /// Also asks how wide the terminal is before each drawing: windows are resized.
    pub fn with_width(
        writer: impl Write + Send + 'static,
        look: Look,
        width: impl Fn() -> usize + Send + 'static,
    ) -> Self {
        let (writer, width) = (Box::new(writer), Box::new(width));
        let story = Story::default();
        Terminal { state: Mutex::new(State { writer, look, width, story, drawn: Time(0), is_live: false }) }
    }

    /// Takes the live line off the screen, so that something else can be printed; the next event
    /// draws it again.
    pub fn clear(&self) {
        self.state().print(Vec::new());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Sink for Terminal {
    fn see(&self, at: Time, event: &Event) {
        let state = &mut *self.state();
        state.look.width = (state.width)().clamp(20, 1000);
        let mut lines = Vec::new();
        if state.story.ends_before(event) {
            lines.extend(rounds::lines(&mut state.story, at, &state.look));
        }
        state.story.hear(at, event);
        if state.story.ends_with(event) {
            lines.extend(rounds::lines(&mut state.story, at, &state.look));
        }
        lines.extend(announce::lines(&state.story, event, &state.look));
        if state.look.in_place {
            state.show_in_place(at, event, lines);
        } else {
            state.show_plainly(at, event, lines);
        }
    }
}

impl State {
    fn show_in_place(&mut self, at: Time, event: &Event, lines: Vec<Text>) {
        let is_due = at.since(self.drawn) >= REDRAW_SECONDS || matches!(event, Event::StageStarted { .. });
        if !lines.is_empty() {
            self.print(lines);
        }
        if matches!(event, Event::Ended { .. }) {
            self.print(Vec::new());
        } else if is_due || !self.is_live {
            self.draw_live(at);
        }
    }

    fn show_plainly(&mut self, at: Time, event: &Event, mut lines: Vec<Text>) {
        let is_due = at.since(self.drawn) >= PLAIN_SECONDS;
        match event {
            Event::StageProgress { .. } if is_due => {
                lines.extend(plain::progress(&self.story, at));
                self.drawn = at;
            }
            Event::StageStarted { .. } => self.drawn = at,
            _ => lines.extend(plain::stage(&self.story, event)),
        }
        if !lines.is_empty() {
            self.print(lines);
        }
    }

    /// Prints lines that stay, in the place of the live line.
    fn print(&mut self, lines: Vec<Text>) {
        let mut output = if self.is_live { "\r\x1b[2K".to_owned() } else { String::new() };
        output.extend(lines.iter().map(|line| line.shown(self.look.colour) + "\n"));
        self.is_live = false;
        self.write(&output);
    }

    /// Draws the live line over itself; it is cut to the width, because a wrapped line cannot be
    /// drawn over.
    fn draw_live(&mut self, at: Time) {
        let Some(line) = live::line(&self.story, at, &self.look) else { return };
        let line = line.cropped(self.look.width - 1).shown(self.look.colour);
        self.write(&format!("\r\x1b[2K{line}"));
        (self.is_live, self.drawn) = (true, at);
    }

    fn write(&mut self, output: &str) {
        let written = self.writer.write_all(output.as_bytes()).and_then(|()| self.writer.flush());
        drop(written); // see the type's documentation
    }
}
