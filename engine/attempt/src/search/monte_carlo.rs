//! Monte-Carlo tree search: down the tree by value and visits, grow, look ahead, back up.
//!
//! The search is a state machine instead of a loop that calls the model: [`Plan::next`] says what
//! to draw and returns, and is called again with what was drawn. So the trees of hundreds of tasks
//! are stepped together, and one call of the model extends all of them. [`Phase`] is where a
//! descent waits for its draws.
//!
//! A value model scores partial answers, so nothing is rolled out to the end, as in AlphaZero: a
//! leaf grows `branch` children, the best of them is looked ahead from by `roll_forward` steps, and
//! the best value seen there is blended into its own (`alpha`). A parent's mean is computed anew
//! from its children, weighted by visits, instead of being kept as a running sum: blending changes
//! a child's value later, and a running sum would keep the old one.

use nouns::Random;
use serde::{Deserialize, Serialize};

use super::tree::{Branch, Place, ROOT, Tree};
use super::{Draw, Plan, Reach};

/// How the search goes down the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// `V + c √(2 ln N / n)`, and a finite bonus for a first visit (ReST-MCTS*).
    Finite,
    /// The same, and every child is visited once before any is visited again.
    Uct,
    /// `V + c P √N / (1 + n)` with the step's likelihood among its siblings as `P`.
    Puct,
}

/// How nodes are chosen and what a node is worth after a look ahead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) rule: Rule,
    /// Weight of exploration.
    pub(crate) exploration: f64,
    /// What a child that was never visited has on top of its value.
    pub(crate) first_visit: f64,
    /// A node worth as much ends the search, or is grown no further.
    pub(crate) end_gate: f64,
    /// Whether the gate ends the search: so in answering; not so where whole trees are wanted for
    /// their labels.
    pub(crate) gate_stops: bool,
    /// Continuations of a node.
    pub(crate) branch: u32,
    /// Steps to look ahead.
    pub(crate) roll_forward: u32,
    /// Continuations of each step of looking ahead.
    pub(crate) roll_branch: u32,
    /// Share of the best value seen ahead in a child's value.
    pub(crate) alpha: f64,
}

/// What one descent is at.
enum Phase {
    /// To go down.
    Descend,
    /// The children of a leaf were asked for.
    Grown(Place),
    /// Steps ahead of a child were asked for: the best value so far, the last step, and steps still
    /// to go.
    Ahead { child: Place, from: Place, best: f64, left: u32 },
}

/// MCTS* of ReST-MCTS* (arXiv 2406.03816, appendix and the authors' code); UCT and PUCT differ in
/// [`Rule`].
pub(crate) struct MonteCarlo {
    pub(crate) choice: Choice,
    /// Descents still to be made.
    iterations: u32,
    random: Random,
    phase: Phase,
    /// Nodes that are grown no further, though they have not ended.
    closed: Vec<Place>,
    answer: Option<Place>,
}

impl MonteCarlo {
    pub(crate) fn new(choice: Choice, iterations: u32, random: Random) -> MonteCarlo {
        MonteCarlo { choice, iterations, random, phase: Phase::Descend, closed: Vec::new(), answer: None }
    }
}

impl Plan for MonteCarlo {
    fn next(&mut self, tree: &mut Tree, born: &[Place]) -> Vec<Draw> {
        let mut born = born;
        loop {
            let draws = match std::mem::replace(&mut self.phase, Phase::Descend) {
                Phase::Descend if self.iterations == 0 => return Vec::new(),
                Phase::Descend => {
                    self.iterations -= 1;
                    self.descend(tree)
                }
                Phase::Grown(leaf) => self.grown(tree, leaf, born),
                Phase::Ahead { child, from, best, left } => self.ahead(tree, child, from, best, left, born),
            };
            // A descent that ends without draws (a closed leaf, a finished answer) has backed up its
            // visit; the next one begins at once.
            if !draws.is_empty() || self.answer.is_some() {
                return draws;
            }
            born = &[];
        }
    }

    fn answer(&self) -> Option<Place> {
        self.answer
    }
}

impl MonteCarlo {
    /// From the root to a leaf, and its children wanted; nothing if the leaf cannot grow.
    fn descend(&mut self, tree: &mut Tree) -> Vec<Draw> {
        let mut at = ROOT;
        while !tree.branches[at].children.is_empty() {
            at = self.select(tree, at);
        }
        if at != ROOT && tree.branches[at].mean >= self.choice.end_gate {
            if self.choice.gate_stops {
                self.answer = Some(at);
                return Vec::new();
            }
            // Its label is known well enough; growing it would only spend draws.
            self.closed.push(at);
        }
        if tree.branches[at].ended() || self.closed.contains(&at) {
            back_up(tree, at);
            return Vec::new();
        }
        self.phase = Phase::Grown(at);
        let count = self.choice.branch;
        vec![Draw { parent: at, count, reach: Reach::Step, rollout: false, distinct: true }]
    }

    /// The child with the highest score; among equals one by lot.
    fn select(&mut self, tree: &Tree, parent: Place) -> Place {
        let children = &tree.branches[parent].children;
        let scores: Vec<f64> = children.iter().map(|&child| self.choice.score(tree, parent, child)).collect();
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let best: Vec<Place> =
            children.iter().zip(&scores).filter(|&(_, &score)| score == most).map(|(&child, _)| child).collect();
        self.random.pick(&best).copied().unwrap_or(children[0])
    }

    /// Looks ahead from the best of the new children.
    fn grown(&mut self, tree: &mut Tree, leaf: Place, born: &[Place]) -> Vec<Draw> {
        let Some(child) = most_worth(tree, born) else {
            self.closed.push(leaf);
            back_up(tree, leaf);
            return Vec::new();
        };
        let best = tree.branches[child].worth();
        self.look_ahead(tree, child, child, best, self.choice.roll_forward)
    }

    fn ahead(&mut self, tree: &mut Tree, child: Place, from: Place, best: f64, left: u32, born: &[Place]) -> Vec<Draw> {
        match most_worth(tree, born) {
            Some(next) => {
                let best = best.max(tree.branches[next].worth());
                self.look_ahead(tree, child, next, best, left - 1)
            }
            None => self.look_ahead(tree, child, from, best, 0),
        }
    }

    /// One more step ahead, or what was seen there goes into the child's value and up the tree.
    fn look_ahead(&mut self, tree: &mut Tree, child: Place, from: Place, best: f64, left: u32) -> Vec<Draw> {
        if left > 0 && !tree.branches[from].ended() {
            self.phase = Phase::Ahead { child, from, best, left };
            let count = self.choice.roll_branch;
            return vec![Draw { parent: from, count, reach: Reach::Step, rollout: true, distinct: false }];
        }
        let alpha = self.choice.alpha;
        let branch = &mut tree.branches[child];
        branch.mean = (1.0 - alpha) * branch.mean + alpha * best;
        back_up(tree, child);
        Vec::new()
    }
}

impl Choice {
    fn score(&self, tree: &Tree, parent: Place, child: Place) -> f64 {
        let (above, branch) = (&tree.branches[parent], &tree.branches[child]);
        let (all, own) = (f64::from(above.visits.max(1)), f64::from(branch.visits));
        match self.rule {
            Rule::Puct => branch.mean + self.exploration * prior(tree, parent, child) * all.sqrt() / (1.0 + own),
            Rule::Finite if branch.visits == 0 => branch.mean + self.first_visit,
            Rule::Uct if branch.visits == 0 => f64::INFINITY,
            Rule::Finite | Rule::Uct => branch.mean + self.exploration * (2.0 * all.ln() / own).sqrt(),
        }
    }
}

/// The likelihood of a step among its siblings.
fn prior(tree: &Tree, parent: Place, child: Place) -> f64 {
    let of = |place: Place| (tree.branches[place].log_likelihood - tree.branches[parent].log_likelihood).exp();
    let all: f64 = tree.branches[parent].children.iter().map(|&sibling| of(sibling)).sum();
    if all > 0.0 { of(child) / all } else { 1.0 / tree.branches[parent].children.len().max(1) as f64 }
}

/// The first of those worth most.
fn most_worth(tree: &Tree, places: &[Place]) -> Option<Place> {
    places.iter().copied().rev().max_by(|&a, &b| tree.branches[a].worth().total_cmp(&tree.branches[b].worth()))
}

/// Counts a visit of the node and of everything above it; a parent is worth the mean of its
/// children by visits.
fn back_up(tree: &mut Tree, place: Place) {
    tree.branches[place].visits += 1;
    let mut at = tree.branches[place].parent;
    while let Some(parent) = at {
        let children = tree.branches[parent].children.iter().map(|&child| &tree.branches[child]);
        let weigh = |(sum, visits): (f64, f64), child: &Branch| {
            (sum + f64::from(child.visits) * child.mean, visits + f64::from(child.visits))
        };
        let (sum, visits) = children.fold((0.0, 0.0), weigh);
        let branch = &mut tree.branches[parent];
        branch.visits += 1;
        if visits > 0.0 {
            branch.mean = sum / visits;
        }
        at = branch.parent;
    }
}

#[cfg(test)]
mod tests {
    use nouns::{Key, Task};

    use super::*;

    fn choice(rule: Rule) -> Choice {
        Choice {
            rule,
            exploration: 0.7,
            first_visit: 1.0,
            end_gate: 0.9,
            gate_stops: true,
            branch: 2,
            roll_forward: 0,
            roll_branch: 1,
            alpha: 0.5,
        }
    }

    fn child(parent: Place, value: f64, log_likelihood: f64) -> Branch {
        Branch {
            parent: Some(parent),
            value: Some(value),
            mean: value,
            log_likelihood,
            answer: Vec::new(),
            children: Vec::new(),
            from: 0,
            log_probs: Vec::new(),
            text: String::new(),
            finish: None,
            visits: 0,
            rollout: false,
            drawn: 0,
        }
    }

    fn task() -> Task {
        Task { world: "toy".into(), id: "toy".into(), prompt: Vec::new() }
    }

    /// Grows the two children of the given values after the one leaf that is wanted.
    fn grow(plan: &mut MonteCarlo, tree: &mut Tree, values: [f64; 2], draws: &[Draw]) -> Vec<Draw> {
        let born: Vec<Place> = values.iter().map(|&value| tree.add(child(draws[0].parent, value, 0.0))).collect();
        plan.next(tree, &born)
    }

    #[test]
    fn the_finite_rule_follows_its_formulas() {
        let task = task();
        let mut tree = Tree::new(&task, Vec::new(), Key::root(0));
        let mut plan = MonteCarlo::new(choice(Rule::Finite), 3, Key::root(1).random());
        let first = plan.next(&mut tree, &[]);
        assert_eq!((first[0].parent, first[0].count), (ROOT, 2));
        // The better child is visited; the root is worth the mean of the visited ones.
        let second = grow(&mut plan, &mut tree, [0.2, 0.6], &first);
        assert_eq!((tree.branches[2].visits, tree.branches[ROOT].visits), (1, 1));
        assert_eq!(tree.branches[ROOT].mean, 0.6);
        // 0.2 + 1.0 for the first visit beats 0.6 + 0.7 √(2 ln 1 / 1) = 0.6.
        assert_eq!(second[0].parent, 1);
        let third = grow(&mut plan, &mut tree, [0.1, 0.3], &second);
        // Node 1 is now worth its visited child, 0.3; the root (0.6 + 0.3) / 2.
        assert_eq!((tree.branches[1].mean, tree.branches[ROOT].mean), (0.3, (0.6 + 0.3) / 2.0));
        // 0.6 + 0.7 √(2 ln 2) against 0.3 + the same.
        assert_eq!(third[0].parent, 2);
    }

    #[test]
    fn a_finite_bonus_need_not_visit_every_child_and_an_infinite_one_does() {
        let task = task();
        for (rule, visited) in [(Rule::Finite, 0), (Rule::Uct, 1)] {
            let mut tree = Tree::new(&task, Vec::new(), Key::root(0));
            let mut plan =
                MonteCarlo::new(Choice { first_visit: 0.1, end_gate: 2.0, ..choice(rule) }, 3, Key::root(1).random());
            let mut draws = plan.next(&mut tree, &[]);
            draws = grow(&mut plan, &mut tree, [0.0, 0.8], &draws);
            draws = grow(&mut plan, &mut tree, [0.8, 0.8], &draws);
            drop(draws);
            assert_eq!(tree.branches[1].visits, visited, "{rule:?}");
        }
    }

    #[test]
    fn what_is_seen_ahead_is_blended_in_and_is_no_branch() {
        let task = task();
        let mut tree = Tree::new(&task, Vec::new(), Key::root(0));
        let ahead = Choice { roll_forward: 2, end_gate: 2.0, ..choice(Rule::Finite) };
        let mut plan = MonteCarlo::new(ahead, 1, Key::root(1).random());
        let draws = plan.next(&mut tree, &[]);
        let born = [tree.add(child(draws[0].parent, 0.4, 0.0))];
        let draws = plan.next(&mut tree, &born);
        assert!(draws[0].rollout && draws[0].parent == 1);
        let seen = [tree.add(Branch { rollout: true, ..child(1, 0.8, 0.0) })];
        let draws = plan.next(&mut tree, &seen);
        let seen = [tree.add(Branch { rollout: true, ..child(draws[0].parent, 0.6, 0.0) })];
        assert!(plan.next(&mut tree, &seen).is_empty(), "one descent was to be made");
        let expected = 0.5 * 0.4 + 0.5 * 0.8;
        assert_eq!((tree.branches[1].mean, tree.branches[ROOT].mean), (expected, expected));
        assert_eq!(tree.grown().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_node_past_the_gate_ends_the_search_or_is_grown_no_further() {
        let task = task();
        for gate_stops in [true, false] {
            let mut tree = Tree::new(&task, Vec::new(), Key::root(0));
            let mut plan = MonteCarlo::new(
                Choice { gate_stops, first_visit: 0.1, ..choice(Rule::Finite) },
                4,
                Key::root(1).random(),
            );
            let draws = plan.next(&mut tree, &[]);
            let next = grow(&mut plan, &mut tree, [0.95, 0.2], &draws);
            match gate_stops {
                true => assert!(next.is_empty() && plan.answer() == Some(1)),
                false => assert!(plan.answer().is_none() && next.iter().all(|draw| draw.parent == 2)),
            }
        }
    }

    #[test]
    fn puct_weighs_by_the_steps_likelihood() {
        let task = task();
        let mut tree = Tree::new(&task, Vec::new(), Key::root(0));
        let (likely, unlikely) = (tree.add(child(ROOT, 0.0, (0.6f64).ln())), tree.add(child(ROOT, 0.0, (0.2f64).ln())));
        tree.branches[ROOT].visits = 4;
        let choice = choice(Rule::Puct);
        assert!((choice.score(&tree, ROOT, likely) - 0.7 * 0.75 * 2.0).abs() < 1e-12);
        assert!((choice.score(&tree, ROOT, unlikely) - 0.7 * 0.25 * 2.0).abs() < 1e-12);
    }
}
