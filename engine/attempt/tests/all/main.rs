//! Attempts of a small random model: what holds of every tree, whatever grew it, and of what is
//! chosen on trials.

mod critiques;
mod deepening;
mod guidelines;
mod refining;
mod searches;
mod toy;
mod tuned;
mod turns;
