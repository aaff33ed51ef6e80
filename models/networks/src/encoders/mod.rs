//! Encoders: models that read a whole text at once and give one vector for it.
//!
//! They say what "embedding" means where attempts are compared: how alike two answers are as
//! sentences, whatever model wrote them.

mod bert;
mod layer;
mod norm;
mod pooling;
mod source;

pub use bert::Encoder;
