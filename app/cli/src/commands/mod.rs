//! The commands, one a file: its arguments, one call below, what is printed.

pub(crate) mod bench;
pub(crate) mod compare;
pub(crate) mod doctor;
pub(crate) mod explain;
mod finish;
pub(crate) mod list;
mod progress;
pub(crate) mod report;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod try_it;
pub(crate) mod watch;
pub(crate) mod why;
