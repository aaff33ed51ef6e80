//! Changes the weights.
