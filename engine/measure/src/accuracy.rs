use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, World};

use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures the share of tasks that the greedy answer gets right. Where a run is graded by
    /// something other than right answers, it is the mean grade of the greedy answers, called
    /// `reward`.
    pub struct Accuracy = "accuracy", version 1 {}
}

impl MeasureSettings for Accuracy {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for Accuracy {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let traces = draw(stage, policy, world, tasks, 1, 0.0)?;
        let verdicts = checker.check(stage, tasks, &traces)?;
        let items = tasks.iter().zip(&verdicts).map(|(task, verdict)| (task.id.clone(), verdict.reward()));
        Ok(vec![Score::new(checker.metric(), on, items.collect())])
    }
}
