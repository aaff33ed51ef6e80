use std::collections::HashMap;

use faults::Outcome;
use nouns::{Attempt, AttemptContext, Sampling, Stage, Task, Trace, Turn, Verdict};

use crate::sample::{Asked, answer, or_longest};

recipe::part! {
    /// Rationalization: where every answer to a task was wrong, one more is drawn with the right answer given as a
    /// hint. It is to be trained on *without* the hint: `generated_under` and `trained_under` differ.
    pub struct Hint = "hint", version 1 {
        /// Softmax temperature; 0 is greedy.
        pub temperature: f32 = 0.0, "STaR, arXiv 2203.14465, algorithm 1: greedy decoding";
        /// At most this many new tokens; 0 takes the world's longest answer.
        pub max_tokens: u32 = 0, "ours: the world's";
    }
}

impl Attempt for Hint {
    fn attempt(&self, stage: &Stage, cx: &AttemptContext, tasks: &[Task], earlier: Vec<Trace>) -> Outcome<Vec<Trace>> {
        let verdicts = cx.checker.check(stage, tasks, &earlier)?;
        let failed = all_wrong(tasks, &earlier, &verdicts);
        let hinted: Vec<(&Task, Vec<Turn>)> =
            failed.into_iter().filter_map(|task| Some((task, cx.oracle?.hinted(task)?))).collect();
        let asked: Vec<Asked> = hinted.iter().map(|(task, under)| asked(stage, task, under, &earlier)).collect();
        let max_tokens = or_longest(self.max_tokens, cx.world);
        let sampling = Sampling { temperature: self.temperature, max_tokens, ..Sampling::default() };
        let added = answer(stage, cx.policy, &sampling, &asked)?;
        Ok(grouped(tasks, earlier, added))
    }
}

/// The tasks whose settled attempts are all wrong. Unsettled attempts say nothing and do not count.
fn all_wrong<'a>(tasks: &'a [Task], earlier: &[Trace], verdicts: &[Verdict]) -> Vec<&'a Task> {
    let mut any_right: HashMap<&str, bool> = HashMap::new();
    for (trace, verdict) in earlier.iter().zip(verdicts) {
        if let Some(right) = verdict.is_right() {
            *any_right.entry(&trace.task).or_default() |= right;
        }
    }
    tasks.iter().filter(|task| any_right.get(task.id.as_str()) == Some(&false)).collect()
}

fn asked<'a>(stage: &Stage, task: &'a Task, under: &'a [Turn], earlier: &[Trace]) -> Asked<'a> {
    let siblings = earlier.iter().filter(|trace| trace.task == task.id);
    let last = siblings.max_by_key(|trace| trace.sample);
    Asked {
        task,
        sample: last.map_or(0, |trace| trace.sample + 1),
        generated_under: under,
        id: format!("{}/{}/hint", stage.round, task.prompt_text()),
        parent: last.map(|trace| trace.id.clone()),
        key: stage.key.of("hint").of(&task.id),
    }
}

/// The earlier traces with the added ones behind those of their task, in the order of the tasks.
fn grouped(tasks: &[Task], earlier: Vec<Trace>, added: Vec<Trace>) -> Vec<Trace> {
    let mut groups: HashMap<String, Vec<Trace>> = HashMap::new();
    for trace in earlier.into_iter().chain(added) {
        groups.entry(trace.task.clone()).or_default().push(trace);
    }
    tasks.iter().flat_map(|task| groups.remove(&task.id).unwrap_or_default()).collect()
}
