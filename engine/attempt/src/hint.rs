use std::collections::HashMap;

use faults::Outcome;
use nouns::{Attempt, AttemptContext, Sampling, Stage, Task, Trace, Turn, Verdict};
use serde::{Deserialize, Serialize};

use crate::sample::{Asked, answer, or_longest};

recipe::part! {
    /// Answers again with a hint where every answer to a task was wrong. The hint is the right
    /// answer itself (rationalization), or the way to it (guidance). They are to be trained on
    /// *without* the hint: `generated_under` and `trained_under` differ, and a learner that weighs
    /// answers by who drew them divides by the probability under the hint.
    pub struct Hint = "hint", version 1 {
        /// Softmax temperature; 0 is greedy.
        pub temperature: f32 = 0.0, "STaR, arXiv 2203.14465, algorithm 1: greedy decoding", 0.0..=1000.0;
        /// At most this many new tokens; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
        /// Answers under the hint, per task.
        pub per_task: u32 = 1, "STaR, arXiv 2203.14465, algorithm 1: one", 1..=100_000;
        /// What the hint says.
        pub gives: Gives = Gives::Answer, "STaR, arXiv 2203.14465, section 3.2";
        /// A task gets hints where at most this share of its attempts is right: 0 where all are
        /// wrong, 1 always.
        pub at_most: f64 = 0.0, "STaR, arXiv 2203.14465, and Nath et al. 2025, arXiv 2506.13923: where all fail";
        /// Whether they are trained on with the hint still there: another method, kept for
        /// comparison.
        pub kept: bool = false, "STaR, arXiv 2203.14465, section 3.2: as if there had been no hint";
    }
}

/// What a hint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gives {
    /// The right answer.
    Answer,
    /// The way to it, which does not give it away.
    Way,
}

impl Attempt for Hint {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], earlier: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let verdicts = cx.checker.check(stage, tasks, &earlier)?;
        let failed = self.failed(tasks, &earlier, &verdicts);
        let under = |task: &Task| match self.gives {
            Gives::Answer => cx.oracle?.hinted(task),
            Gives::Way => cx.oracle?.guided(task),
        };
        let hinted: Vec<(&Task, Vec<Turn>)> =
            failed.into_iter().filter_map(|task| Some((task, under(task)?))).collect();
        let under_hint = |number: u32| hinted.iter().map(move |(task, under)| (number, *task, &under[..]));
        let wanted = (0..self.per_task).flat_map(under_hint);
        let asked: Vec<Asked> =
            wanted.map(|(number, task, under)| asked(stage, task, under, &earlier, number)).collect();
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let sampling = Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() };
        let mut added = answer(stage, cx.policy, &sampling, &asked)?;
        if self.kept {
            added.iter_mut().for_each(|trace| trace.trained_under.clone_from(&trace.generated_under));
        }
        Ok(grouped(tasks, earlier, added))
    }

    fn answers_per_task(&self) -> usize {
        self.per_task as usize
    }

    fn needs_oracle(&self) -> bool {
        true
    }
}

impl Hint {
    /// The tasks of whose settled attempts few enough are right; a task without attempts has none.
    /// Unsettled attempts say nothing and do not count.
    pub(crate) fn failed<'a>(&self, tasks: &'a [Task], earlier: &[Trace], verdicts: &[Verdict]) -> Vec<&'a Task> {
        let mut right: HashMap<&str, (u32, u32)> = HashMap::new();
        for (trace, verdict) in earlier.iter().zip(verdicts) {
            let (count, of) = right.entry(&trace.task).or_default();
            if let Some(is_right) = verdict.is_right() {
                (*count, *of) = (*count + u32::from(is_right), *of + 1);
            }
        }
        let few = |&(count, of): &(u32, u32)| of > 0 && f64::from(count) <= self.at_most * f64::from(of);
        tasks.iter().filter(|task| right.get(task.id.as_str()).is_none_or(few)).collect()
    }
}

fn asked<'a>(stage: &Stage, task: &'a Task, under: &'a [Turn], earlier: &[Trace], number: u32) -> Asked<'a> {
    let key = stage.key.of("hint").of(&task.id);
    let suffix = if number == 0 { String::new() } else { format!("-{number}") };
    let siblings = earlier.iter().filter(|trace| trace.task == task.id);
    let last = siblings.max_by_key(|trace| trace.sample);
    Asked {
        task,
        sample: last.map_or(0, |trace| trace.sample + 1) + number,
        generated_under: under,
        id: format!("{}/{}/hint{suffix}", stage.round, task.prompt_identity()),
        parent: last.map(|trace| trace.id.clone()),
        key: if number == 0 { key } else { key.at(u64::from(number)) },
    }
}

/// The earlier traces with the added ones after those of their task, in the order of the tasks.
pub(crate) fn grouped(tasks: &[Task], earlier: Vec<Trace>, added: Vec<Trace>) -> Vec<Trace> {
    let mut groups: HashMap<String, Vec<Trace>> = HashMap::new();
    for trace in earlier.into_iter().chain(added) {
        groups.entry(trace.task.clone()).or_default().push(trace);
    }
    tasks.iter().flat_map(|task| groups.remove(&task.id).unwrap_or_default()).collect()
}
