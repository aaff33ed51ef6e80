//! Curves and trees as inline SVG.

pub(crate) mod chart;
mod scale;
mod tree;

pub(crate) use tree::draw as draw_tree;
