//! The commands, one a file: its arguments, one call below, what is printed.

pub(crate) mod bench;
pub(crate) mod chat;
mod columns;
pub(crate) mod compare;
pub(crate) mod convert;
mod device;
pub(crate) mod doctor;
mod draws;
pub(crate) mod evaluate;
pub(crate) mod explain;
mod finish;
pub(crate) mod generate;
pub(crate) mod inspect;
pub(crate) mod list;
mod progress;
mod prompting;
pub(crate) mod report;
pub(crate) mod reproduce;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod score;
mod stage;
pub(crate) mod train;
pub(crate) mod try_it;
pub(crate) mod verify;
pub(crate) mod watch;
pub(crate) mod why;
