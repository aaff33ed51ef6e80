//! Searches on a small random model: what holds of every tree, whatever grew it.

mod deepening;
mod searches;
mod toy;
