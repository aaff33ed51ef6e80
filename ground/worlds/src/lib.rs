//! Small exact worlds with oracles; readers of public data-set formats.
//!
//! [`find`] gives the world of a name or a data file, [`catalogue`] lists the names, [`rows`] reads
//! data files, [`code`] judges programs by tests. A world's problems are the same in every run;
//! [`split_of`] says which may be trained on, and [`hold_out`] takes away what a person says must
//! not be.

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
mod record;
pub mod rows;
mod split;

pub use catalogue::{Entry, catalogue, find};
pub use fault::WorldFault;
pub use hold_out::HoldOut;
pub use options::Options;
pub use rows::Columns;
pub use sandbox::Strength;
pub use split::split_of;

#[cfg(test)]
mod tests;
