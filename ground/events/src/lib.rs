//! One event enum and its sinks: terminal, JSON lines, TensorBoard.
//!
//! The loop emits [`Event`]s; a [`Bus`] hands each to its [`Sink`]s. A sink receives `&Event` and
//! returns nothing: observers cannot steer. A sink writes only to the writer that it was given.
//!
//! - [`Jsonl`]: the record of a run, a line an event; [`read_lines`] reads it back, for `watch`,
//!   `report` and replay.
//! - [`TensorBoard`]: event files for TensorBoard, under the names that TRL uses.
//! - [`Terminal`]: what a person sees while it runs.
//! - [`curve()`] and [`sparkline()`]: drawings of numbers in text.

mod bus;
mod curve;
mod event;
mod jsonl;
mod sparkline;
mod step;
pub mod tensorboard;
mod terminal;
mod time;

pub use bus::{Bus, Sink};
pub use curve::curve;
pub use event::{Event, Facts, SOLVED, TASKS, Word};
pub use jsonl::{Jsonl, Line, read_lines, without_clock};
pub use sparkline::sparkline;
pub use tensorboard::TensorBoard;
pub use terminal::{Look, Terminal, duration, fact, figure, percent, steers};
pub use time::Time;
