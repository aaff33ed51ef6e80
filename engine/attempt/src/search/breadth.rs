//! Breadth first: all frontier nodes grow, the best of what comes of it are the next frontier.

use super::{Draw, Place, Plan, ROOT, Reach, Tree};

/// Tree of Thoughts, algorithm 1 (arXiv 2305.10601); with the model's own likelihood as the value
/// it is beam search over steps. An answer that ends keeps its place in the frontier it was born
/// to, and grows no further.
pub(crate) struct Breadth {
    /// Continuations of each frontier node.
    pub(crate) branch: u32,
    /// Nodes that the frontier keeps.
    pub(crate) keep: usize,
    /// Levels still to go.
    pub(crate) depth: u32,
    pub(crate) begun: bool,
}

impl Plan for Breadth {
    fn next(&mut self, tree: &mut Tree, born: &[Place]) -> Vec<Draw> {
        let mut frontier = if self.begun { born.to_vec() } else { vec![ROOT] };
        self.begun = true;
        if self.depth == 0 {
            return Vec::new();
        }
        self.depth -= 1;
        // A stable sort: among equals the first drawn comes first.
        frontier.sort_by(|&a, &b| tree.branches[b].worth().total_cmp(&tree.branches[a].worth()));
        frontier.truncate(self.keep);
        frontier.iter().for_each(|&place| tree.branches[place].visits += 1);
        let open = frontier.into_iter().filter(|&place| !tree.branches[place].ended());
        let count = self.branch;
        open.map(|parent| Draw { parent, count, reach: Reach::Step, rollout: false, distinct: true }).collect()
    }
}
