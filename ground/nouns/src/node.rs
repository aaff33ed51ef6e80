use serde::{Deserialize, Serialize};

use crate::Finish;

/// A node of a search tree: one step of an answer, after those of its ancestors. The root is an
/// answer of no steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Names the tree within its run: the trace that the search answered with has this as its id.
    pub tree: String,
    /// The task's canonical form.
    pub task: String,
    /// The round it was grown in.
    pub round: u32,
    /// Its number in the tree, in the order of growth; the root's is 0.
    pub number: u32,
    /// The node it continues; none for the root.
    pub parent: Option<u32>,
    /// The step's text.
    pub text: String,
    /// The step's tokens as they were drawn. `[length]`
    pub tokens: Vec<u32>,
    /// Log-probability of each token under the policy. `[length]`
    pub log_probs: Vec<f32>,
    /// What the evaluator said of the answer up to here, once; none of the root.
    pub value: Option<f64>,
    /// What the search holds it to be worth, after what was found below it.
    pub mean: f64,
    /// How often the search came by.
    pub visits: u32,
    /// Why the answer ends here, if it does.
    pub finish: Option<Finish>,
    /// Whether it was only looked ahead to, and is no branch of its own.
    pub rollout: bool,
    /// Whether it lies on the route to the answer that was given.
    pub route: bool,
}
