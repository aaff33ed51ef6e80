use faults::Outcome;
use nouns::{Candidate, Check, Critics, Finish, Measure, Policy, Score, Stage, Task, Teaching, World, exact_values};

use crate::curves::spearman;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures whether the values that a value model is taught are right. Those of this round's
    /// partial answers are compared with the exact quality values of the world's oracle, which are
    /// not learned from. `label spearman` (their rank correlation) and `label error` (the mean
    /// absolute difference), over the tasks that taught. Where the world cannot tell, nothing is
    /// measured.
    pub struct Labels = "labels", version 1 {
        /// The value model's name in `[models]`.
        pub model: String = "value".into(), "ours";
    }
}

impl MeasureSettings for Labels {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }

    fn model(&self) -> Option<&str> {
        Some(&self.model)
    }
}

impl Measure for Labels {
    fn measure(
        &self,
        _: &Stage,
        _: &dyn Policy,
        _: &dyn World,
        _: &dyn Check,
        _: &str,
        _: &[Task],
    ) -> Outcome<Vec<Score>> {
        Ok(Vec::new()) // what is taught is measured, not what is answered
    }

    fn of_lessons(&self, world: &dyn World, policy: &dyn Policy, on: &str, lessons: &[&Candidate]) -> Vec<Score> {
        let oracle = world.oracle();
        let decode = |tokens: &[u32]| policy.decode_text(tokens);
        let pair = |candidate: &&Candidate| {
            let Teaching::Valued { value, .. } = candidate.teaching else { return None };
            let trace = &candidate.trace;
            let task = Task { world: world.name().into(), id: trace.task.clone(), prompt: trace.trained_under.clone() };
            let answer = (&trace.tokens[..], trace.finish == Finish::Stop);
            Some((value, exact_values(world, oracle.as_ref(), &decode, &task, answer)?.pop()?.value))
        };
        let pairs: Vec<(f64, f64)> = lessons.iter().filter_map(pair).collect();
        let error = pairs.iter().map(|(label, exact)| (label - exact).abs()).sum::<f64>() / pairs.len().max(1) as f64;
        let whole = |name: &str, value: Option<f64>| Score { value, ..Score::new(name, on, Vec::new()) };
        vec![whole("label spearman", spearman(&pairs)), whole("label error", (!pairs.is_empty()).then_some(error))]
    }
}
