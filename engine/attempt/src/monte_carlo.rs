use faults::Outcome;
use nouns::{Aggregate, Attempt, AttemptContext, Sampling, Stage, Task, Trace};

use crate::evaluate::{By, Ends};
use crate::sample::or_longest;
use crate::search::{Choice, Decide, Drawing, MonteCarlo, Rule, Search};

recipe::part! {
    /// Searches over steps by Monte-Carlo tree search. MCTS* of ReST-MCTS* with its finite
    /// first-visit bonus, end gate, look ahead and blend; or UCT, or PUCT.
    pub struct MonteCarloSearch = "monte_carlo", version 2 {
        /// How the search goes down: `finite`, `uct` or `puct`.
        pub rule: Rule = Rule::Finite, "Zhang et al. 2024, arXiv 2406.03816, algorithm 2";
        /// Descents from the root.
        pub iterations: u32 = 50, "Zhang et al. 2024, arXiv 2406.03816, the authors' code: data generation", 1..=10_000_000;
        /// Continuations of every node.
        pub branch: u32 = 3, "Zhang et al. 2024, arXiv 2406.03816, the authors' code", 1..=100_000;
        /// Weight of exploration.
        pub exploration: f64 = 0.7, "Zhang et al. 2024, arXiv 2406.03816, the authors' code", 0.0..=1e6;
        /// What a child that was never visited has on top of its value.
        pub first_visit: f64 = 1.0, "Zhang et al. 2024, arXiv 2406.03816, the authors' code: INF";
        /// A node worth as much ends the search.
        pub end_gate: f64 = 0.9, "Zhang et al. 2024, arXiv 2406.03816, the authors' code";
        /// Whether the gate ends the search, or only keeps the node from growing (for trees that
        /// are wanted whole).
        pub gate_stops: bool = true, "Zhang et al. 2024, arXiv 2406.03816, the authors' code: search and label modes";
        /// Steps to look ahead from the best new child.
        pub roll_forward: u32 = 3, "Zhang et al. 2024, arXiv 2406.03816, the authors' code";
        /// Continuations of every step of looking ahead, of which the best goes on.
        pub roll_branch: u32 = 1, "Zhang et al. 2024, arXiv 2406.03816, the authors' code", 1..=100_000;
        /// Share of the best value seen ahead in a child's value.
        pub alpha: f64 = 0.5, "Zhang et al. 2024, arXiv 2406.03816, the authors' code", 0.0..=1.0;
        /// What a partial answer is worth: `likelihood`, `mean-likelihood`, `value-prompt`,
        /// `vote-prompt`, `model` or `oracle`.
        pub value: By = By::Model, "Zhang et al. 2024, arXiv 2406.03816: a learned value model";
        /// How often the policy is asked for a value, where it is.
        pub value_samples: u32 = 3, "Yao et al. 2023, arXiv 2305.10601, section 4.1: values sampled 3 times", 1..=100_000;
        /// What ends an answer besides its end token: nothing (`token`), that it gives a final
        /// answer (`answer`), or that the policy, asked whether it is complete, says so (`critic`).
        /// What ends so teaches no end token.
        pub ends: Ends = Ends::Token, "ours: small models end their answers; Zhang et al. 2024, arXiv 2406.03816, ask a critic";
        /// Softmax temperature.
        pub temperature: f32 = 0.7, "Zhang et al. 2024, arXiv 2406.03816, the authors' code", 0.0..=1000.0;
        /// Which ended answer is given: the `best`, that of the `majority`, or the one `weighted`
        /// by value.
        pub decide: Decide = Decide::Best, "Zhang et al. 2024, arXiv 2406.03816, the authors' code";
        /// How often empty and repeated steps are drawn again.
        pub retries: u32 = 3, "Zhang et al. 2024, arXiv 2406.03816, the authors' code";
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

/// A search goes through the model many times: a part of the stage is smaller by that factor, so
/// that a crash costs about as much as it does elsewhere.
const LEVELS: usize = 16;

impl Attempt for MonteCarloSearch {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let search = Search {
            name: "monte_carlo",
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
        search
            .run(stage, cx, tasks, |tree| MonteCarlo::new(self.choice(), self.iterations, tree.key.of("ties").random()))
    }

    fn answers_per_task(&self) -> usize {
        self.branch.max(self.roll_branch) as usize * LEVELS
    }

    fn needs_oracle(&self) -> bool {
        self.value.needs_oracle()
    }
}

impl MonteCarloSearch {
    fn choice(&self) -> Choice {
        Choice {
            rule: self.rule,
            exploration: self.exploration,
            first_visit: self.first_visit,
            end_gate: self.end_gate,
            gate_stops: self.gate_stops,
            branch: self.branch.max(1),
            roll_forward: self.roll_forward,
            roll_branch: self.roll_branch.max(1),
            alpha: self.alpha,
        }
    }
}
