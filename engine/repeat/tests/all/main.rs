//! The loop as a whole: every recipe, crashes, refusals, the gate.

mod adapting;
mod carrying;
mod choosing;
mod conformance;
mod crashes;
mod endings;
mod episodes;
mod grades;
mod phases;
mod pictures;
mod tables;
mod toy;
