use std::collections::BTreeMap;

use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, Trace, Verdict, World};

use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures how often the best, likeliest and commonest of k samples are right (pass@k). From
    /// the same answers per task: `pass@k` (is any right: what search could reach), `pass@1` (how
    /// often a sample is right), `likeliest@k` (the answer that the model itself finds likeliest)
    /// and `majority@k` (the answer that most of them give; a tie goes to the likelier).
    pub struct BestOf = "best_of", version 1 {
        /// Samples per task.
        pub k: u32 = 16, "ours", 1..=100_000;
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours", 0.0..=1000.0;
    }
}

impl MeasureSettings for BestOf {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for BestOf {
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
        let mut columns: [Vec<(String, Option<f64>)>; 4] = Default::default();
        for (task, (traces, verdicts)) in tasks.iter().zip(traces.chunks(k).zip(verdicts.chunks(k))) {
            let figures =
                [any(verdicts), share(verdicts), likeliest(traces, verdicts), majority(world, task, traces, verdicts)];
            columns.iter_mut().zip(figures).for_each(|(column, figure)| column.push((task.id.clone(), figure)));
        }
        let names = [format!("pass@{k}"), "pass@1".into(), format!("likeliest@{k}"), format!("majority@{k}")];
        Ok(names.into_iter().zip(columns).map(|(name, items)| Score::new(name, on, items)).collect())
    }
}

/// Such answers as a model is asked of them: (context, answer) each, `k` under every context.
pub(crate) fn under<'a>(contexts: &'a [Vec<u32>], traces: &'a [Trace], k: u32) -> Vec<(&'a [u32], &'a [u32])> {
    let of_task = |(context, traces): (&'a Vec<u32>, &'a [Trace])| {
        traces.iter().map(move |trace| (&context[..], &trace.tokens[..]))
    };
    contexts.iter().zip(traces.chunks(k as usize)).flat_map(of_task).collect()
}

fn settled(verdicts: &[Verdict]) -> Vec<bool> {
    verdicts.iter().filter_map(Verdict::is_right).collect()
}

/// 1 if any settled attempt is right; `None` if none is settled.
fn any(verdicts: &[Verdict]) -> Option<f64> {
    let settled = settled(verdicts);
    (!settled.is_empty()).then(|| f64::from(settled.contains(&true)))
}

/// The share of settled attempts that are right.
fn share(verdicts: &[Verdict]) -> Option<f64> {
    let settled = settled(verdicts);
    (!settled.is_empty()).then(|| settled.iter().filter(|&&right| right).count() as f64 / settled.len() as f64)
}

/// Whether the attempt that the model finds likeliest is right.
fn likeliest(traces: &[Trace], verdicts: &[Verdict]) -> Option<f64> {
    let best = (0..traces.len()).max_by(|&a, &b| traces[a].log_likelihood().total_cmp(&traces[b].log_likelihood()))?;
    verdicts[best].is_right().map(f64::from)
}

/// Whether the answer that most attempts give is right, judged by its likeliest attempt.
fn majority(world: &dyn World, task: &Task, traces: &[Trace], verdicts: &[Verdict]) -> Option<f64> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, trace) in traces.iter().enumerate() {
        if let Some(answer) = world.answer(task, &trace.text()) {
            groups.entry(answer).or_default().push(place);
        }
    }
    let likelihood =
        |places: &[usize]| places.iter().map(|&place| traces[place].log_likelihood()).fold(f64::NEG_INFINITY, f64::max);
    let rank =
        |a: &Vec<usize>, b: &Vec<usize>| a.len().cmp(&b.len()).then_with(|| likelihood(a).total_cmp(&likelihood(b)));
    let Some(winners) = groups.into_values().max_by(rank) else {
        return settled(verdicts).first().map(|_| 0.0); // nobody answered: wrong, if anything could be judged at all
    };
    let best =
        winners.into_iter().max_by(|&a, &b| traces[a].log_likelihood().total_cmp(&traces[b].log_likelihood()))?;
    verdicts[best].is_right().map(f64::from)
}
