use std::collections::HashSet;

use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, Trace, Verdict, World};

use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures how many different right answers a model can still find. Of k samples per task,
    /// `pass@k-s` (whether at least s different ones of them are right) and `distinct right@k` (how
    /// many different right ones there are). Two answers are different if their expressions are,
    /// or, in a world without expressions, their texts.
    pub struct Exploration = "exploration", version 1 {
        /// Samples per task.
        pub k: u32 = 32, "Zeng et al. 2024, arXiv 2412.17256, section 3.1", 1..=100_000;
        /// The s of `pass@k-s`.
        pub s: usize = 4, "Zeng et al. 2024, arXiv 2412.17256, section 3.1";
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours", 0.0..=1000.0;
    }
}

impl MeasureSettings for Exploration {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for Exploration {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let k = self.k.max(1) as usize;
        let traces = draw(stage, policy, world, tasks, self.k.max(1), self.temperature)?;
        let verdicts = checker.check(stage, tasks, &traces)?;
        let (mut passes, mut counts) = (Vec::new(), Vec::new());
        for (task, (traces, verdicts)) in tasks.iter().zip(traces.chunks(k).zip(verdicts.chunks(k))) {
            let distinct = distinct_right(world, task, traces, verdicts);
            passes.push((task.id.clone(), distinct.map(|count| f64::from(u8::from(count >= self.s)))));
            counts.push((task.id.clone(), distinct.map(|count| count as f64)));
        }
        let passes = Score::new(format!("pass@{k}-{}", self.s), on, passes);
        Ok(vec![passes, Score::new(format!("distinct right@{k}"), on, counts)])
    }
}

/// How many different answers are right; none if none could be judged.
fn distinct_right(world: &dyn World, task: &Task, traces: &[Trace], verdicts: &[Verdict]) -> Option<usize> {
    let settled = verdicts.iter().any(|verdict| verdict.is_right().is_some());
    let right = traces.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_right() == Some(true));
    let said =
        right.map(|(trace, _)| world.expression(task, &trace.text()).unwrap_or_else(|| trace.text().into_owned()));
    settled.then(|| said.collect::<HashSet<String>>().len())
}
