use faults::Outcome;
use nouns::{Attempt, AttemptContext, Cost, Finish, Stage, Task, Trace, step_places};

recipe::part! {
    /// Cuts every answer into its prefixes, each ending where a step ends. A process reward model
    /// learns from these. The whole answer comes last and stays what it was; what it cost is
    /// counted there.
    pub struct Prefixes = "prefixes", version 1 {
        /// At most this many steps of an answer, evenly spread; 0 takes all.
        pub steps: usize = 0, "Wang et al. 2023, arXiv 2312.08935, section 3.3: all";
    }
}

impl Attempt for Prefixes {
    fn attempt(&self, _: &Stage, cx: &AttemptContext, _: &[Task], earlier: Vec<Trace>) -> Outcome<Vec<Trace>> {
        Ok(earlier.into_iter().flat_map(|trace| self.cut(cx, trace)).collect())
    }

    fn answers_per_task(&self) -> usize {
        0
    }
}

impl Prefixes {
    fn cut(&self, cx: &AttemptContext, whole: Trace) -> Vec<Trace> {
        let mut ends = step_places(cx.world, &|tokens| cx.policy.decode_text(tokens), &whole.tokens);
        ends.pop();
        if self.steps > 0 && ends.len() > self.steps {
            ends = (0..self.steps).map(|number| ends[number * ends.len() / self.steps]).collect();
        }
        let part = |(number, &end): (usize, &usize)| Trace {
            id: format!("{}/step-{}", whole.id, number + 1),
            parent: Some(whole.id.clone()),
            answer: cx.policy.decode(&whole.tokens[..=end]),
            tokens: whole.tokens[..=end].to_vec(),
            log_probs: whole.log_probs[..=end].to_vec(),
            finish: Finish::Length,
            cost: Cost::default(),
            ..whole.clone()
        };
        let mut parts: Vec<Trace> = ends.iter().enumerate().map(part).collect();
        parts.push(whole);
        parts
    }
}
