//! The one place that prints.

pub(crate) mod exit_codes;
mod failure;
mod harmless;
mod style;
pub(crate) mod table;

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use events::Look;
use faults::{Failure, Outcome};
use recipe::Renamed;
use serde::Serialize;

use crate::fault::CliFault;
pub(crate) use failure::as_json;
pub(crate) use style::Style;

/// Standard output and standard error, and what may be shown on them.
pub(crate) struct Console {
    /// Whether results are JSON.
    pub(crate) json: bool,
    /// How standard output may look.
    pub(crate) look: Look,
    /// How standard error may look.
    pub(crate) message_look: Look,
    closed: AtomicBool,
}

impl Console {
    /// The console of this process, as its surroundings ask for it.
    pub(crate) fn of_this_process(json: bool) -> Self {
        let look = |is_terminal| Look::of(is_terminal, width(), |name| std::env::var(name).ok());
        let (look, message_look) = (look(io::stdout().is_terminal()), look(io::stderr().is_terminal()));
        Console { json, look, message_look, closed: AtomicBool::new(false) }
    }

    /// Whether a person sits at both ends.
    pub(crate) fn is_conversation(&self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal() && !self.json
    }

    /// How results may look.
    pub(crate) fn style(&self) -> Style {
        Style { colour: self.look.colour }
    }

    /// Prints a result. What would drive a terminal in it is spelled out: [`harmless`].
    pub(crate) fn print(&self, text: &str) -> Result<(), CliFault> {
        self.print_safe(&harmless::harmless(text, self.look.colour))
    }

    fn print_safe(&self, text: &str) -> Result<(), CliFault> {
        let mut output = io::stdout().lock();
        let printed = output.write_all(text.as_bytes()).and_then(|()| output.flush());
        printed.map_err(|source| {
            self.closed.store(source.kind() == ErrorKind::BrokenPipe, Ordering::Relaxed);
            CliFault::Print { source }
        })
    }

    /// Prints a result as one line of JSON.
    pub(crate) fn print_json(&self, value: &impl Serialize) -> Outcome<()> {
        let text = serde_json::to_string(value).map_err(|error| CliFault::Print { source: error.into() })?;
        Ok(self.print_safe(&(harmless::harmless_json(&text) + "\n"))?)
    }

    /// Tells a person something. A closed standard error is no reason to fail.
    pub(crate) fn tell(&self, text: &str) {
        let text = harmless::harmless(text, self.message_look.colour);
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Says what settings are called now that a recipe, or a person, called by older names.
    pub(crate) fn hint_at_names(&self, renamed: &[Renamed], keys: &[String]) {
        let style = Style { colour: self.message_look.colour };
        for Renamed { older, table, name } in renamed {
            let now =
                format!("`{older}` of a learner is now `{table} = {{ {name} = … }}`; the older name is still read");
            self.tell(&format!("{} {now}\n", style.hint("hint:")));
        }
        for key in keys {
            self.tell(&format!("{} {key}\n", style.hint("hint:")));
        }
    }

    /// Whether standard output was closed by whoever reads it.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Reports a failure, once; its exit status.
    pub(crate) fn failed(&self, failure: &Failure) -> u8 {
        self.tell(&failure::rendered(failure, Style { colour: self.message_look.colour }));
        if self.json {
            let _ = self.print_json(&failure::as_json(failure)); // already failing
        }
        failure.code().exit_status()
    }

    /// Reports what the parser said: help and version are results, the rest are failures. The exit
    /// status.
    pub(crate) fn usage(&self, said: &clap::Error) -> u8 {
        if !said.use_stderr() {
            let styled = said.render();
            let text = if self.look.colour { styled.ansi().to_string() } else { styled.to_string() };
            let _ = self.print(&text); // a reader that has gone has seen enough
            return 0;
        }
        let styled = said.render();
        self.tell(&if self.message_look.colour { styled.ansi().to_string() } else { styled.to_string() });
        if self.json {
            let _ = self.print_json(&failure::usage_as_json(&styled.to_string())); // already failing
        }
        faults::Code::Usage.exit_status()
    }
}

/// Characters in a line of the terminal; 100 where nothing is shown on one, so that what goes into
/// a file does not depend on the window that the program was started in.
pub(crate) fn width() -> usize {
    let is_shown = io::stdout().is_terminal() || io::stderr().is_terminal();
    let size = is_shown.then(ratatui::crossterm::terminal::size).and_then(Result::ok);
    size.map_or(100, |(columns, _)| usize::from(columns))
}
