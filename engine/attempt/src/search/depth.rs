//! Depth first: the best continuation first, back to the next best where nothing is left worth
//! growing.

use super::{Draw, Place, Plan, ROOT, Reach, Tree};

/// Tree of Thoughts, algorithm 2 (arXiv 2305.10601).
pub(crate) struct Depth {
    /// Continuations of each node.
    pub(crate) branch: u32,
    /// The best of these that are ever gone into.
    pub(crate) keep: usize,
    /// Steps of an answer at most.
    pub(crate) depth: usize,
    /// Nodes worth less than this are never gone into.
    pub(crate) prune: f64,
    /// Ended answers that suffice.
    pub(crate) answers: u32,
    /// Nodes to go into, the next one last.
    pub(crate) waiting: Vec<Place>,
}

impl Depth {
    pub(crate) fn new(branch: u32, keep: usize, depth: usize, prune: f64, answers: u32) -> Depth {
        Depth { branch, keep, depth, prune, answers, waiting: vec![ROOT] }
    }
}

impl Plan for Depth {
    fn next(&mut self, tree: &mut Tree, born: &[Place]) -> Vec<Draw> {
        let mut born: Vec<Place> =
            born.iter().copied().filter(|&place| tree.branches[place].worth() >= self.prune).collect();
        born.sort_by(|&a, &b| tree.branches[b].worth().total_cmp(&tree.branches[a].worth()));
        born.truncate(self.keep);
        self.waiting.extend(born.into_iter().rev());
        while let Some(parent) = self.waiting.pop() {
            tree.branches[parent].visits += 1;
            if tree.branches[parent].ended() {
                self.answers = self.answers.saturating_sub(1);
                if self.answers == 0 {
                    return Vec::new();
                }
            } else if tree.route(parent).len() <= self.depth {
                return vec![Draw { parent, count: self.branch, reach: Reach::Step, rollout: false, distinct: true }];
            }
        }
        Vec::new()
    }
}
