use std::collections::HashMap;

use faults::Outcome;
use nouns::{Check, Measure, Policy, Score, Stage, Task, Trace, Verdict, World};

recipe::part! {
    /// The share of tasks that the recipe's own way of answering gets right, whatever its `attempt` does: search, vote, think
    /// again. Of several attempts at a task the first counts. What it cost stands among the facts of the stage.
    pub struct Answers = "answers", version 1 {}
}

impl Measure for Answers {
    fn measure(
        &self,
        _: &Stage,
        _: &dyn Policy,
        _: &dyn World,
        _: &dyn Check,
        _: &str,
        _: &[Task],
    ) -> Outcome<Vec<Score>> {
        Ok(Vec::new()) // the policy itself is not what is measured
    }

    fn wants_attempts(&self) -> bool {
        true
    }

    fn of_attempts(&self, on: &str, tasks: &[Task], attempts: &[(Trace, Verdict)]) -> Vec<Score> {
        let by_id: HashMap<&str, &Trace> = attempts.iter().map(|(trace, _)| (trace.id.as_str(), trace)).collect();
        let whole_of = |trace: &Trace| trace.parent.as_deref().and_then(|parent| by_id.get(parent)).copied();
        let mut first: HashMap<&str, &Verdict> = HashMap::new();
        for (trace, verdict) in attempts {
            if !whole_of(trace).is_some_and(|whole| trace.is_cut_from(whole)) {
                first.entry(&trace.task).or_insert(verdict);
            }
        }
        let right = |task: &Task| first.get(task.id.as_str())?.is_right().map(f64::from);
        let items = tasks.iter().map(|task| (task.id.clone(), right(task)));
        vec![Score::new("answers", on, items.collect())]
    }
}
