//! Whole answers, all at once: best of n.

use super::{Draw, Place, Plan, ROOT, Reach, Tree};

/// Draws so many whole answers and is done.
pub(crate) struct Once {
    /// Answers that are still to be drawn.
    pub(crate) count: u32,
}

impl Plan for Once {
    fn next(&mut self, _: &mut Tree, _: &[Place]) -> Vec<Draw> {
        match std::mem::take(&mut self.count) {
            0 => Vec::new(),
            count => vec![Draw { parent: ROOT, count, reach: Reach::End, rollout: false, distinct: false }],
        }
    }
}
