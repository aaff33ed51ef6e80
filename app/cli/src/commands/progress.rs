//! What a person sees while a run goes: the display of `events` on standard error.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use events::{Bus, Event, Look, Sink, Terminal, Time};

use crate::console::{Console, width};
use crate::places::RUNS;

/// The bus of a run with the display on it.
pub(crate) struct Progress {
    bus: Bus,
    begun: Arc<Mutex<Option<String>>>,
}

impl Progress {
    /// A display on standard error.
    pub(crate) fn new(console: &Console, plain: bool) -> Self {
        let look = console.message_look.clone();
        let look = Look { in_place: look.in_place && !plain, ..look };
        let begun = Arc::new(Mutex::new(None));
        let display = Display { terminal: Terminal::with_width(std::io::stderr(), look, width), begun: begun.clone() };
        let mut bus = Bus::silent();
        bus.add(display);
        Progress { bus, begun }
    }

    /// The run's listener.
    pub(crate) fn bus(&mut self) -> &mut Bus {
        &mut self.bus
    }

    /// Takes the display off the screen. Gives the folder of the run, if one was begun below
    /// `runs`, and what went wrong in those who listened.
    pub(crate) fn end(self) -> (Option<PathBuf>, Vec<String>) {
        let troubles = self.bus.troubles();
        drop(self.bus);
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        (begun.map(|name| PathBuf::from(RUNS).join(name)), troubles)
    }
}

/// The terminal's display, but for the end, which [`super::finish`] tells; and the name of the run.
struct Display {
    terminal: Terminal,
    begun: Arc<Mutex<Option<String>>>,
}

impl Sink for Display {
    fn see(&self, at: Time, event: &Event) {
        if let Event::RunStarted { run, .. } = event {
            *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
        }
        match event {
            Event::Ended { .. } => self.terminal.clear(),
            event => self.terminal.see(at, event),
        }
    }
}
