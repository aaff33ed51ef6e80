use faults::Outcome;
use nouns::{Aggregate, Attempt, AttemptContext, Sampling, Stage, Task, Trace};

use crate::evaluate::{By, Ends};
use crate::sample::or_longest;
use crate::search::{Decide, Drawing, Once, Search};

recipe::part! {
    /// Draws several answers and gives the best-valued one (best of n). Or the one that most of
    /// them give.
    pub struct Ranked = "ranked", version 2 {
        /// Answers drawn per task; at most, where there is a budget.
        pub n: u32 = 16, "ours", 1..=100_000;
        /// Tokens generated for a task, one for every value call added, with which no more answers
        /// are begun; 0 draws all `n`.
        pub budget: u64 = 0, "ours";
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours: the policy as it is", 0.0..=1000.0;
        /// What an answer is worth: `likelihood`, `mean-likelihood`, `value-prompt`, `vote-prompt`,
        /// `model` or `oracle`.
        pub value: By = By::Likelihood, "ours: needs no second model";
        /// What a value model is asked about: the whole answer (`last`), or each step, of which the
        /// worst (`min`) or the `product` counts.
        pub over: Aggregate = Aggregate::Last, "Cobbe et al. 2021, arXiv 2110.14168: the whole answer";
        /// How often the policy is asked for a value, where it is.
        pub value_samples: u32 = 3, "Tree of Thoughts, arXiv 2305.10601, section 4.1: values sampled 3 times", 1..=100_000;
        /// Which answer is given: the `best`, that of the `majority`, or the one `weighted` by
        /// value.
        pub decide: Decide = Decide::Best, "Cobbe et al. 2021, arXiv 2110.14168: the highest-ranked";
        /// At most this many new tokens; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// Whether all answers become traces, the given one first.
        pub keep_all: bool = false, "ours";
    }
}

impl Attempt for Ranked {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], _: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let sampling = Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() };
        let search = Search {
            name: "ranked",
            drawing: Drawing { sampling, step_ends: Vec::new(), step_tokens: 0, retries: 0 },
            evaluator: self.value.build(stage, cx, self.value_samples, self.over)?,
            ends: Ends::Token,
            decide: self.decide,
            budget: self.budget,
            keep_all: self.keep_all,
        };
        search.run(stage, cx, tasks, |_| Once { count: self.n.max(1), budget: self.budget, longest: max_tokens })
    }

    fn answers_per_task(&self) -> usize {
        self.n as usize
    }

    fn needs_oracle(&self) -> bool {
        self.value.needs_oracle()
    }
}
