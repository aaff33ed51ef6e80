use std::collections::HashSet;

use faults::Outcome;
use nouns::{Attempt, AttemptContext, Cue, Request, Sampling, Stage, Task, Trace, Turn};

use crate::sample::or_longest;

recipe::part! {
    /// Has the policy answer once more after each answer. The conversation goes on with a fixed
    /// instruction, which says nothing of what is wrong, or whether anything is. The first answer
    /// is context then, both when the second is drawn and when it is taught; each turn is an
    /// attempt of its own, which names the one before as its parent.
    pub struct Retry = "retry", version 1 {
        /// Softmax temperature; 0 is greedy.
        pub temperature: f32 = 1.0, "Kumar et al. 2024, arXiv 2409.12917, section 5: on-policy, temperature 1", 0.0..=1000.0;
        /// At most this many new tokens; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// What is said after an answer; empty takes the world's words.
        pub instruction: String = String::new(), "ours: the world's";
    }
}

impl Attempt for Retry {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, _: &[Task], earlier: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let said = if self.instruction.is_empty() { cx.world.wording().cue(Cue::Retry) } else { &self.instruction };
        let followed: HashSet<&str> = earlier.iter().filter_map(|trace| trace.parent.as_deref()).collect();
        let last = |trace: &&Trace| !followed.contains(trace.id.as_str());
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let sampling = Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() };
        let asked: Vec<(&Trace, Vec<Turn>)> =
            earlier.iter().filter(last).map(|trace| (trace, trace.followed_by(said))).collect();
        let request = |(trace, turns): &(&Trace, Vec<Turn>)| {
            let (context, key) = (cx.policy.encode(turns)?, stage.key.of("retry").of(&trace.id));
            Ok(Request { context, sampling: sampling.clone(), key })
        };
        let requests = asked.iter().map(request).collect::<Outcome<Vec<Request>>>()?;
        let completions = cx.policy.sample(&requests, stage.progress)?;
        let next = |((before, turns), done): (&(&Trace, Vec<Turn>), nouns::Completion)| Trace {
            id: format!("{}/retry", before.id),
            turn: before.turn + 1,
            parent: Some(before.id.clone()),
            generated_under: turns.clone(),
            trained_under: turns.clone(),
            answer: cx.policy.decode(&done.tokens),
            tokens: done.tokens,
            log_probs: done.log_probs,
            sampling: sampling.clone(),
            finish: done.finish,
            cost: done.cost,
            ..(*before).clone()
        };
        let added: Vec<Trace> = asked.iter().zip(completions).map(next).collect();
        Ok(behind(&earlier, added))
    }

    fn answers_per_task(&self) -> usize {
        0
    }
}

/// Every added trace right after the one that it follows.
fn behind(earlier: &[Trace], added: Vec<Trace>) -> Vec<Trace> {
    let mut added = added.into_iter().peekable();
    let follow = |trace: &Trace| {
        let next = added.next_if(|next| next.parent.as_deref() == Some(trace.id.as_str()));
        std::iter::once(trace.clone()).chain(next)
    };
    earlier.iter().flat_map(follow).collect()
}
