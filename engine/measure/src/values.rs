use std::sync::Arc;

use faults::Outcome;
use nouns::{
    Check, Critics, Exact, Finish, Measure, Policy, Score, Stage, Task, Trace, ValueModel, World, exact_values,
};

use crate::best_of::under;
use crate::calibration::calibration_error;
use crate::curves::spearman;
use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures how close a value model's values of partial answers are to the exact ones. Sampled
    /// answers to each task, cut where their steps end: its values against the exact ones of the
    /// world's oracle. `value error` (the mean absolute difference from the quality value, Zhang et
    /// al. 2024, arXiv 2406.03816, section 3.1), `value spearman` (their rank correlation over all
    /// partial answers), `value brier` and `value ece` (calibration: the value as the probability
    /// that all is true so far and the answer can still become right), and `first error` (the
    /// harmonic mean of how often it finds the first step that is wrong, and how often it finds
    /// none where there is none, as ProcessBench, arXiv 2412.06559, scores). Where the world cannot
    /// tell, nothing is measured.
    pub struct Values = "values", version 1 {
        /// The value model's name in `[models]`.
        pub model: String = "value".into(), "ours";
        /// Samples per task.
        pub k: u32 = 2, "ours", 1..=100_000;
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours", 0.0..=1000.0;
        /// A step whose value is below this is called wrong.
        pub wrong_below: f64 = 0.5, "ours: the middle";
        /// Bins of the calibration error.
        pub bins: u32 = 10, "as in `calibration`", 1..=100_000;
    }
}

impl MeasureSettings for Values {
    fn build(&self, critics: &Critics) -> Box<dyn Measure> {
        Box::new(Valuing { part: self.clone(), model: critics.get(&self.model).cloned() })
    }

    fn model(&self) -> Option<&str> {
        Some(&self.model)
    }
}

/// [`Values`] with its model; none before it has learned, and then there is nothing to measure.
pub(crate) struct Valuing {
    pub(crate) part: Values,
    pub(crate) model: Option<Arc<dyn ValueModel>>,
}

impl Measure for Valuing {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        _: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let Some(model) = &self.model else { return Ok(Vec::new()) };
        let k = self.part.k.max(1);
        let traces = draw(stage, policy, world, tasks, k, self.part.temperature)?;
        let oracle = world.oracle();
        let exact = |(place, trace): (usize, &Trace)| {
            let answer = (&trace.tokens[..], trace.finish == Finish::Stop);
            let decode = |tokens: &[u32]| policy.decode_text(tokens);
            exact_values(world, oracle.as_ref(), &decode, &tasks[place / k as usize], answer)
        };
        let Some(routes) = traces.iter().enumerate().map(exact).collect::<Option<Vec<Vec<Exact>>>>() else {
            return Ok(Vec::new());
        };
        let contexts = tasks.iter().map(|task| policy.encode(&task.prompt)).collect::<Outcome<Vec<_>>>()?;
        let lengths = |route: &Vec<Exact>| route.iter().map(|exact| exact.length).collect();
        let lengths: Vec<Vec<usize>> = routes.iter().map(lengths).collect();
        let said = model.values_along(&under(&contexts, &traces, k), &lengths, stage.progress)?;
        let valued: Vec<Vec<(f64, Exact)>> =
            said.into_iter().zip(routes).map(|(said, route)| said.into_iter().zip(route).collect()).collect();
        Ok(self.scores(on, tasks, &valued))
    }
}

impl Valuing {
    /// `valued` holds the values and the exact ones along each answer, `k` answers per task.
    fn scores(&self, on: &str, tasks: &[Task], valued: &[Vec<(f64, Exact)>]) -> Vec<Score> {
        let all: Vec<(f64, Exact)> = valued.iter().flatten().copied().collect();
        let by_task = |of: fn(&(f64, Exact)) -> f64| {
            let k = self.part.k.max(1) as usize;
            let mean = |answers: &[Vec<(f64, Exact)>]| {
                let values: Vec<f64> = answers.iter().flatten().map(of).collect();
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            };
            tasks.iter().zip(valued.chunks(k)).map(|(task, answers)| (task.id.clone(), mean(answers))).collect()
        };
        let told: Vec<(f64, bool)> = all.iter().map(|&(value, exact)| (value.clamp(0.0, 1.0), exact.good)).collect();
        let ranked: Vec<(f64, f64)> = all.iter().map(|&(value, exact)| (value, exact.value)).collect();
        let whole = |name: &str, value: Option<f64>| Score { value, ..Score::new(name, on, Vec::new()) };
        vec![
            Score::new("value error", on, by_task(|(value, exact)| (value - exact.value).abs())),
            whole("value spearman", spearman(&ranked)),
            Score::new("value brier", on, by_task(|(v, exact)| (v.clamp(0.0, 1.0) - f64::from(exact.good)).powi(2))),
            whole("value ece", calibration_error(&told, self.part.bins.max(1) as usize)),
            whole("first error", self.first_errors(valued)),
        ]
    }

    /// The harmonic mean of two shares: answers with a wrong step whose first one is found, and
    /// answers without one that are not called wrong.
    fn first_errors(&self, valued: &[Vec<(f64, Exact)>]) -> Option<f64> {
        let (mut faulty, mut sound) = ((0.0, 0.0), (0.0, 0.0));
        for answer in valued {
            let first = answer.iter().position(|(_, exact)| !exact.good);
            let found = answer.iter().position(|(value, _)| *value < self.part.wrong_below);
            let (hits, all) = if first.is_some() { &mut faulty } else { &mut sound };
            *hits += f64::from(first == found);
            *all += 1.0;
        }
        if faulty.1 == 0.0 || sound.1 == 0.0 {
            return None;
        }
        let (one, other) = (faulty.0 / faulty.1, sound.0 / sound.1);
        Some(if one + other > 0.0 { 2.0 * one * other / (one + other) } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(steps: &[(f64, bool, f64)]) -> Vec<(f64, Exact)> {
        let exact = |(length, &(value, good, exact)): (usize, &(f64, bool, f64))| {
            (value, Exact { length: length + 1, good, value: exact })
        };
        steps.iter().enumerate().map(exact).collect()
    }

    fn scores(valued: &[Vec<(f64, Exact)>]) -> Vec<Option<f64>> {
        let part = Values { k: 1, ..Values::default() };
        let tasks: Vec<Task> =
            (0..valued.len()).map(|n| Task { world: "toy".into(), id: n.to_string(), prompt: Vec::new() }).collect();
        Valuing { part, model: None }.scores("toy/test", &tasks, valued).into_iter().map(|score| score.value).collect()
    }

    #[test]
    fn who_knows_the_values_makes_no_error() {
        let known = [answer(&[(0.5, true, 0.5), (1.0, true, 1.0)]), answer(&[(0.5, true, 0.5), (0.0, false, 0.0)])];
        let found = scores(&known);
        assert_eq!(found[0], Some(0.0));
        assert!((found[1].expect("ranks") - 1.0).abs() < 1e-12);
        // 0.5 twice where all is good, then 1 and 0 as it should be.
        assert_eq!(found[2], Some((2.0 * 0.25 / 2.0) / 2.0));
        assert_eq!(found[4], Some(1.0), "the second step of the second answer is the first below a half");
    }

    #[test]
    fn to_call_every_step_wrong_finds_nothing() {
        let all_wrong = [answer(&[(0.1, true, 0.5), (0.1, true, 1.0)]), answer(&[(0.1, false, 0.0)])];
        assert_eq!(scores(&all_wrong)[4], Some(0.0));
        assert_eq!(scores(&all_wrong[..1])[4], None, "there is no wrong step to be found");
    }
}
