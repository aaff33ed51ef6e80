//! Whole answers, all at once or as many as a budget has room for: best of n.

use super::{Draw, Place, Plan, ROOT, Reach, Tree};

/// Draws all whole answers at once (no search).
pub(crate) struct Once {
    /// Answers that are still to be drawn, at most.
    pub(crate) count: u32,
    /// Tokens that all of them may take; 0 for no bound.
    pub(crate) budget: u64,
    /// Tokens that one takes at most.
    pub(crate) longest: u32,
}

impl Plan for Once {
    fn next(&mut self, tree: &mut Tree, _: &[Place]) -> Vec<Draw> {
        // As many as surely fit what is left of the budget, and one at least: so no more than one goes over it.
        let left = self.budget.saturating_sub(tree.spent()) / u64::from(self.longest.max(1));
        let fit = if self.budget == 0 { u32::MAX } else { left.clamp(1, u64::from(u32::MAX)) as u32 };
        let count = self.count.min(fit);
        self.count -= count;
        match count {
            0 => Vec::new(),
            count => vec![Draw { parent: ROOT, count, reach: Reach::End, rollout: false, distinct: false }],
        }
    }
}
