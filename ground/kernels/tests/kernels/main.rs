//! Every kernel against a plain `f64` version, its gradients against finite differences, and its
//! bits against itself.
#![allow(clippy::unwrap_used, reason = "a test that fails should panic")]

mod bits;
mod gradients;
mod numbers;
mod optimizer;
mod plain;
mod tensors;
mod values;
