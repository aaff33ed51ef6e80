//! The event stream of a run: one JSON value a line, only ever added to, except that resuming cuts
//! off what belongs to work that has to be done again.

mod log;
mod tail;

pub use log::{EventLog, Repair};
pub use tail::EventTail;
