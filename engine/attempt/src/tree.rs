use faults::Outcome;
use nouns::{Aggregate, Attempt, AttemptContext, Sampling, Stage, Task, Trace};
use serde::{Deserialize, Serialize};

use crate::evaluate::{By, Ends};
use crate::sample::or_longest;
use crate::search::{Breadth, Decide, Depth, Drawing, Plan, Search, Tree};

recipe::part! {
    /// Grows an answer step by step and keeps the best branches (Tree of Thoughts). Several next
    /// steps of every partial answer that is kept, each valued; breadth first or depth first. With
    /// the likelihood as the value, breadth first is beam search over steps.
    pub struct TreeSearch = "tree", version 2 {
        /// Whether the best of a whole level go on (`breadth`), or the best node first and back
        /// from there (`depth`).
        pub order: Order = Order::Breadth, "Yao et al. 2023, arXiv 2305.10601, section 4: breadth first on Game of 24";
        /// Continuations of every node.
        pub branch: u32 = 5, "ours: the paper proposes several in one prompt", 1..=100_000;
        /// Breadth first: nodes of a level that go on. Depth first: children of a node that are
        /// ever gone into.
        pub keep: usize = 5, "Yao et al. 2023, arXiv 2305.10601, section 4.1: b = 5";
        /// Steps of an answer at most, before it is completed greedily.
        pub depth: u32 = 16, "ours: a bound; the paper's games have 3 steps", 1..=100_000;
        /// What a partial answer is worth: `likelihood`, `mean-likelihood`, `value-prompt`,
        /// `vote-prompt`, `model` or `oracle`.
        pub value: By = By::Likelihood, "ours: the paper asks the policy, which small models do not understand";
        /// How often the policy is asked for a value, where it is.
        pub value_samples: u32 = 3, "Yao et al. 2023, arXiv 2305.10601, section 4.1: values sampled 3 times", 1..=100_000;
        /// Depth first: nodes worth less are never gone into.
        pub prune: f64 = 0.0, "ours: the paper's threshold is that of its value prompt";
        /// Depth first: ended answers that suffice.
        pub answers: u32 = 1, "Yao et al. 2023, arXiv 2305.10601, algorithm 2", 1..=100_000;
        /// What ends an answer besides its end token: nothing (`token`), that it gives a final
        /// answer (`answer`), or that the policy, asked whether it is complete, says so (`critic`).
        /// What ends so teaches no end token.
        pub ends: Ends = Ends::Token, "ours: small models end their answers; Zhang et al. 2024, arXiv 2406.03816, ask a critic";
        /// Softmax temperature.
        pub temperature: f32 = 0.7, "Yao et al. 2023, arXiv 2305.10601, section 4", 0.0..=1000.0;
        /// Which ended answer is given: the `best`, that of the `majority`, or the one `weighted`
        /// by value.
        pub decide: Decide = Decide::Best, "Yao et al. 2023, arXiv 2305.10601, algorithm 1";
        /// How often empty and repeated steps are drawn again.
        pub retries: u32 = 3, "ReST-MCTS*, arXiv 2406.03816, the authors' code";
        /// At most this many tokens in a step; 0 for no bound.
        pub step_tokens: u32 = 0, "ours";
        /// At most this many tokens of an answer; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// Tokens generated for a task, one for every value call added, at which its search ends; 0
        /// for no bound.
        pub budget: u64 = 0, "ours";
        /// Whether all ended answers become traces, the given one first.
        pub keep_all: bool = false, "ours";
    }
}

/// In which order a tree grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Level by level.
    Breadth,
    /// The best node first.
    Depth,
}

impl Attempt for TreeSearch {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let search = Search {
            name: "tree",
            drawing: Drawing {
                sampling: Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() },
                step_ends: cx.world.step_ends(),
                step_tokens: self.step_tokens,
                retries: self.retries,
            },
            evaluator: self.value.build(stage, cx, self.value_samples, Aggregate::Last)?,
            ends: self.ends,
            decide: self.decide,
            budget: self.budget,
            keep_all: self.keep_all,
        };
        search.run(stage, cx, tasks, |tree| self.plan(tree))
    }

    fn answers_per_task(&self) -> usize {
        self.branch as usize * self.keep
    }

    fn needs_oracle(&self) -> bool {
        self.value.needs_oracle()
    }
}

impl TreeSearch {
    fn plan(&self, _: &Tree) -> Box<dyn Plan> {
        let (branch, keep) = (self.branch.max(1), self.keep.max(1));
        match self.order {
            Order::Breadth => Box::new(Breadth { branch, keep, depth: self.depth, begun: false }),
            Order::Depth => Box::new(Depth::new(branch, keep, self.depth as usize, self.prune, self.answers)),
        }
    }
}
