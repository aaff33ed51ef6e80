//! A tree of partial answers to one task.

use nouns::{Cost, Finish, Key, Task};

/// A node's place in its tree.
pub(crate) type Place = usize;

/// The root: nothing is answered yet.
pub(crate) const ROOT: Place = 0;

/// One step of an answer, after those of its ancestors.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) parent: Option<Place>,
    /// The nodes that continue it, in the order they were drawn; those only looked ahead to are not
    /// among them.
    pub(crate) children: Vec<Place>,
    /// All tokens of the answer up to here. `[length]`
    pub(crate) answer: Vec<u32>,
    /// Where in `answer` its own step begins.
    pub(crate) from: usize,
    /// Log-probabilities of its own step's tokens.
    pub(crate) log_probs: Vec<f32>,
    /// Sum over the whole answer up to here.
    pub(crate) log_likelihood: f64,
    /// The text of the whole answer up to here.
    pub(crate) text: String,
    /// Why the answer ends here, if it does.
    pub(crate) finish: Option<Finish>,
    /// What the evaluator said, once.
    pub(crate) value: Option<f64>,
    /// What the search holds it to be worth.
    pub(crate) mean: f64,
    pub(crate) visits: u32,
    /// Only looked ahead to.
    pub(crate) rollout: bool,
    /// Sequences drawn from here, failed retries included: numbers the next draw's key.
    pub(crate) drawn: u64,
}

impl Branch {
    fn root() -> Branch {
        Branch {
            parent: None,
            children: Vec::new(),
            answer: Vec::new(),
            from: 0,
            log_probs: Vec::new(),
            log_likelihood: 0.0,
            text: String::new(),
            finish: None,
            value: None,
            mean: 0.0,
            visits: 0,
            rollout: false,
            drawn: 0,
        }
    }

    pub(crate) fn ended(&self) -> bool {
        self.finish.is_some()
    }

    /// Tokens of its own step.
    pub(crate) fn step(&self) -> &[u32] {
        &self.answer[self.from..]
    }

    /// What the evaluator said; of the root nothing.
    pub(crate) fn worth(&self) -> f64 {
        self.value.unwrap_or(0.0)
    }
}

/// The partial answers to one task, and what they cost.
pub(crate) struct Tree<'a> {
    pub(crate) task: &'a Task,
    /// The task's prompt as the policy reads it. `[context]`
    pub(crate) context: Vec<u32>,
    /// The tree's own randomness.
    pub(crate) key: Key,
    pub(crate) branches: Vec<Branch>,
    /// Everything that was spent on it, failed retries and value calls included.
    pub(crate) cost: Cost,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(task: &'a Task, context: Vec<u32>, key: Key) -> Tree<'a> {
        Tree { task, context, key, branches: vec![Branch::root()], cost: Cost::default() }
    }

    /// Tokens that count against the budget: what was generated, and one for every call of a value
    /// model or judge (it reads a sequence that was generated before and gives one number).
    pub(crate) fn spent(&self) -> u64 {
        self.cost.generated_tokens + self.cost.value_calls
    }

    /// Adds a node after its parent.
    pub(crate) fn add(&mut self, branch: Branch) -> Place {
        let place = self.branches.len();
        if let (Some(parent), false) = (branch.parent, branch.rollout) {
            self.branches[parent].children.push(place);
        }
        self.branches.push(branch);
        place
    }

    /// The way from the root to a node, both included.
    pub(crate) fn route(&self, place: Place) -> Vec<Place> {
        let mut route: Vec<Place> = std::iter::successors(Some(place), |&at| self.branches[at].parent).collect();
        route.reverse();
        route
    }

    /// Log-probabilities of the whole answer up to a node. `[answer]`
    pub(crate) fn log_probs(&self, place: Place) -> Vec<f32> {
        self.route(place).iter().flat_map(|&at| self.branches[at].log_probs.iter().copied()).collect()
    }

    /// Nodes that are branches of their own and not the root.
    pub(crate) fn grown(&self) -> impl Iterator<Item = Place> + '_ {
        (1..self.branches.len()).filter(|&place| !self.branches[place].rollout)
    }
}
