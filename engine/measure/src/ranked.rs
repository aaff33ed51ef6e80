use faults::Outcome;
use nouns::{
    Aggregate, Check, Critics, Measure, Policy, Score, Stage, Task, Trace, ValueModel, Verdict, World, step_places,
};
use std::sync::Arc;

use crate::curves::{auroc, best_of};
use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures how well a learned judge picks the right one of several answers. Of k sampled
    /// answers per task, `ranked@n` for n = 1, 2, 4 … k (whether the answer that the judge finds
    /// best of n is right, the mean over all ways to draw n of the k: Hosseini et al. 2024, arXiv
    /// 2402.06457, equation 6), `pass@k`, and `auroc` (how often a right answer to a task is put
    /// above a wrong one).
    pub struct Ranked = "ranked", version 2 {
        /// The judge's name in `[models]`.
        pub model: String = "value".into(), "ours";
        /// What of an answer is judged: the whole (`last`), or each step, of which the worst
        /// (`min`) or the `product` counts.
        pub over: Aggregate = Aggregate::Last, "Hosseini et al. 2024, arXiv 2402.06457: the whole";
        /// Samples per task.
        pub k: u32 = 16, "ours; the paper takes 64 and 128", 1..=100_000;
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours", 0.0..=1000.0;
    }
}

impl MeasureSettings for Ranked {
    fn build(&self, critics: &Critics) -> Box<dyn Measure> {
        Box::new(Ranking { part: self.clone(), judge: critics.get(&self.model).cloned() })
    }

    fn model(&self) -> Option<&str> {
        Some(&self.model)
    }
}

/// [`Ranked`] with its judge; none before it has learned, and then there is nothing to measure.
pub(crate) struct Ranking {
    pub(crate) part: Ranked,
    pub(crate) judge: Option<Arc<dyn ValueModel>>,
}

impl Measure for Ranking {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let Some(judge) = &self.judge else { return Ok(Vec::new()) };
        let k = self.part.k.max(1) as usize;
        let traces = draw(stage, policy, world, tasks, self.part.k.max(1), self.part.temperature)?;
        let verdicts = checker.check(stage, tasks, &traces)?;
        let grades = self.grades(stage, policy, world, judge.as_ref(), &traces)?;
        let sizes: Vec<usize> = std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|&n| n <= k).collect();
        let mut columns: Vec<Vec<(String, Option<f64>)>> = vec![Vec::new(); sizes.len() + 2];
        for (task, (grades, verdicts)) in tasks.iter().zip(grades.chunks(k).zip(verdicts.chunks(k))) {
            let judged = settled(grades, verdicts);
            let curve = sizes.iter().map(|&n| best_of(&judged, n));
            let any = (!judged.is_empty()).then(|| f64::from(judged.iter().any(|&(_, right)| right)));
            let figures = curve.chain([any, auroc(&judged)]);
            columns.iter_mut().zip(figures).for_each(|(column, figure)| column.push((task.id.clone(), figure)));
        }
        let judge = &self.part.model;
        let names = sizes.iter().map(|n| format!("ranked@{n} by {judge}"));
        let names = names.chain([format!("pass@{k} beside {judge}"), format!("auroc of {judge}")]);
        Ok(names.zip(columns).map(|(name, items)| Score::new(name, on, items)).collect())
    }
}

impl Ranking {
    fn grades(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        judge: &dyn ValueModel,
        traces: &[Trace],
    ) -> Outcome<Vec<f64>> {
        let contexts = traces.iter().map(|trace| policy.encode(&trace.trained_under)).collect::<Outcome<Vec<_>>>()?;
        let items = contexts.iter().zip(traces).map(|(context, trace)| (context.as_slice(), trace.tokens.as_slice()));
        let items: Vec<(&[u32], &[u32])> = items.collect();
        let ends = |answer: &[u32]| step_places(world, &|tokens| policy.decode_text(tokens), answer);
        let asked = self.part.over.ask(judge, &items, &ends, stage.progress)?;
        Ok(asked.into_iter().map(|(grade, _)| grade).collect())
    }
}

/// Grades with whether the answer is right, of those that could be judged.
fn settled(grades: &[f64], verdicts: &[Verdict]) -> Vec<(f64, bool)> {
    grades.iter().zip(verdicts).filter_map(|(&grade, verdict)| Some((grade, verdict.is_right()?))).collect()
}
