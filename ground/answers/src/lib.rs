//! Final answers in text: finding them, and deciding whether two are the same, with a reason for
//! every verdict.
//!
//! [`Kind::judge`] compares an answer with a reference. [`final_answer`] finds what a response
//! gives as its answer. A comparison does a bounded amount of work, counted and not timed: it gives
//! the same verdict on every machine, and what it cannot settle within the bound is unsettled, not
//! wrong. No text makes it panic.

mod choice;
mod clean;
mod compare;
mod exact;
mod find;
mod float;
mod fuel;
mod judgement;
mod kind;
mod lexicon;
mod mark;
mod math;
mod number;
mod read;
mod special;
mod spoken;
mod tree;
mod unit;
mod words;

pub use choice::choice;
pub use find::final_answer;
pub use judgement::{Agreement, Difference, Doubt, Judged, Judgement};
pub use kind::{Kind, KindFault};
pub use mark::Mark;
pub use number::last_number;
