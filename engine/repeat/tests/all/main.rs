//! The loop as a whole: every recipe on board, crashes, refusals, the gate.

mod carrying;
mod conformance;
mod crashes;
mod endings;
mod reproducing;
mod toy;
mod training;
