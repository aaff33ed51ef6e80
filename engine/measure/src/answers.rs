use std::collections::HashMap;

use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, Trace, Verdict, World};

use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures the share of tasks that the recipe's own way of answering gets right. It answers as
    /// its `attempt` does: search, vote, think again. It is the mean grade where a run is graded by
    /// something else than right answers. Of several attempts at a task the first counts. What it
    /// cost stands among the facts of the stage.
    pub struct Answers = "answers", version 1 {}
}

impl MeasureSettings for Answers {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
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
        vec![Score::new("answers", on, answered(tasks, attempts))]
    }
}

/// The same of another way of answering than the recipe's own, by its name, and what it took of
/// each task: tokens that were generated and calls of a value model.
pub fn answers_by(name: &str, on: &str, tasks: &[Task], attempts: &[(Trace, Verdict)]) -> Vec<Score> {
    let mut spent: HashMap<&str, u64> = HashMap::new();
    for (trace, _) in attempts {
        *spent.entry(&trace.task).or_default() += trace.cost.generated_tokens + trace.cost.value_calls;
    }
    let took = tasks.iter().map(|task| (task.id.clone(), spent.get(task.id.as_str()).map(|&spent| spent as f64)));
    vec![
        Score::new(format!("answers by {name}"), on, answered(tasks, attempts)),
        Score::new(format!("tokens by {name}"), on, took.collect()),
    ]
}

/// Of each task whether its answer is right, or its grade: of several attempts the first whole one.
fn answered(tasks: &[Task], attempts: &[(Trace, Verdict)]) -> Vec<(String, Option<f64>)> {
    let by_id: HashMap<&str, &Trace> = attempts.iter().map(|(trace, _)| (trace.id.as_str(), trace)).collect();
    let whole_of = |trace: &Trace| trace.parent.as_deref().and_then(|parent| by_id.get(parent)).copied();
    let mut first: HashMap<&str, &Verdict> = HashMap::new();
    for (trace, verdict) in attempts {
        if !whole_of(trace).is_some_and(|whole| trace.is_cut_from(whole)) {
            first.entry(&trace.task).or_insert(verdict);
        }
    }
    let worth = |task: &Task| first.get(task.id.as_str())?.reward();
    tasks.iter().map(|task| (task.id.clone(), worth(task))).collect()
}
