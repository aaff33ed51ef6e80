//! How a program ended, as a type: nobody has to read its messages to know.

use std::fmt;
use std::time::Duration;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It ended by itself, with this status.
    Exited(i32),
    /// A signal of its own making ended it, such as 11 (a wild pointer, a stack that overflowed) or
    /// 6 (abort).
    Crashed(i32),
    /// It went over a limit and was ended.
    Over(Limit),
}

/// A limit that a program went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Processor time.
    Processor,
    /// Time on the wall, most of which it spent waiting by its own choice.
    Idle,
    /// Time on the wall, for which the machine may be to blame: it was busy with other work.
    Wall,
    /// What it printed.
    Output,
    /// How many threads it had.
    Threads,
    /// The size of a file that it wrote.
    FileSize,
}

/// What is known of a program that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub ended: Ended,
    /// What it printed, up to the limit.
    pub stdout: Vec<u8>,
    /// Its complaints, up to the limit.
    pub stderr: Vec<u8>,
    /// What it wrote to each pipe of [`crate::Program::results`], up to the limit.
    pub results: Vec<Vec<u8>>,
    /// Time on the wall.
    pub took: Duration,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Exited(0) => f.write_str("it ended"),
            Ended::Exited(status) => write!(f, "it ended with status {status}"),
            Ended::Crashed(signal) => write!(f, "it crashed with signal {signal}"),
            Ended::Over(limit) => write!(f, "{limit}"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Processor => "it took too much processor time",
            Limit::Idle => "it waited for too long",
            Limit::Wall => "it did not end in time on a busy machine",
            Limit::Output => "it printed too much",
            Limit::Threads => "it began too many threads",
            Limit::FileSize => "it wrote too large a file",
        })
    }
}
