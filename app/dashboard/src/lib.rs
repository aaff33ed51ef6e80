//! The HTML report of a run.
//!
//! [`report`] turns plain data into one self-contained page: no scripts, styles, fonts or pictures
//! from elsewhere (its content security policy forbids them), curves as inline SVG, samples as JSON
//! that a small script pages through. What models wrote is not trusted: it reaches the page
//! escaped, or as text that the script never reads as markup.
//!
//! ```text
//! Report -> page -> sections/{summary, curves, gates, costs, samples, tree, recipe, environment} -> String
//!                                  |
//!                                 svg/{chart, scale, tree}
//! ```

mod claims;
mod data;
mod escape;
mod figures;
mod highlight;
mod page;
mod sections;
mod svg;

pub use claims::{Compared, Reproduced, claims};
pub use data::{
    Chart, Ending, Gate, HeldOut, Picture, Point, Report, RoundCost, Sample, SampleTurn, SearchTree, Series, TreeNode,
    Unit, Word,
};
pub use page::report;
