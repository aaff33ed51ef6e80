//! Where tasks come from: small exact worlds with oracles, and data files that are read as worlds.
//!
//! **The problem.** Whether a method improves a model can only be measured where right answers are
//! known with certainty, where new tasks never run out, and where nothing that is evaluated can
//! have been seen in training. A benchmark file has none of the three; but a person has nothing
//! else.
//!
//! **The decision.** Both are a [`nouns::World`]: a name, splits, how a line is read, the final
//! answer of a response, an oracle. A small world (`numbers`, `arithmetic`, `chain`, `calculator`,
//! `clusters`) has besides a [`nouns::Language`], from which a model without weights is taught to
//! write, and its oracle can say of every step whether it is right, so that learned values can be
//! compared with exact ones. A data file has neither. The loop asks a world what it can do and
//! never which one it is.
//!
//! Tasks are handed out without their answers; whoever may see answers is granted the oracle. Which
//! split a problem is in follows from a digest of its canonical form ([`split_of`]) and not from
//! its place in a file, so the same puzzle in another order or notation stays on its side, and what
//! a person holds out ([`hold_out`]) is found again by the same form.
//!
//! **Alternatives.** Tried: one trait with everything that small worlds can do, of whose 24 methods
//! half meant nothing for a file (`docs/decisions/080`). By reasoning alone: Gymnasium's interface
//! for all would fit few tasks, since most are one question and one answer, and a verdict is more
//! than a number; splits by position would change whenever a file is sorted, cut or appended to.
//!
//! [`find`] gives the world of a name or a data file, [`catalogue`] lists the names, [`rows`] reads
//! data files (JSON lines, gzip, Parquet) row by row, and [`code`] judges programs by tests.

mod ability;
mod arithmetic;
mod calculator;
mod catalogue;
pub mod chain;
mod clusters;
pub mod code;
mod countdown;
mod fault;
mod file;
mod game24;
pub mod hold_out;
mod numbers;
mod options;
pub mod prompting;
mod record;
pub mod rows;
mod split;

pub use catalogue::{Entry, catalogue, find};
pub use fault::WorldFault;
pub use file::Questions;
pub use hold_out::HoldOut;
pub use options::Options;
pub use prompting::Prompting;
pub use rows::Columns;
pub use sandbox::Strength;
pub use split::split_of;

#[cfg(test)]
mod tests;
