//! Searches on a small random model: what holds of every tree, whatever grew it.

mod deepening;
mod refining;
mod searches;
mod toy;
