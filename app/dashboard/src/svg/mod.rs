//! Curves as inline SVG.

pub(crate) mod chart;
mod scale;
