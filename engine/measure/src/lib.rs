//! What improved.
