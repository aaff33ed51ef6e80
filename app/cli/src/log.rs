//! What developers are told: lines of `tracing` on standard error, off unless `--log-level` asks
//! for them. People are told by events and by [`crate::console`], which know nothing of it.

use clap::ValueEnum;
use tracing_subscriber::filter::LevelFilter;

/// How much of a developer's log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// Nothing.
    Off,
    /// What went wrong.
    Error,
    /// What may be wrong.
    Warn,
    /// Stages that were committed.
    Info,
    /// Stages that are reused or done again, and why; models that are loaded; calls of the policy.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// From now on lines of this level are written to standard error.
    pub(crate) fn begin(self) {
        let filter = match self {
            LogLevel::Off => return,
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        };
        tracing_subscriber::fmt().with_max_level(filter).with_writer(std::io::stderr).with_ansi(false).init();
    }
}
