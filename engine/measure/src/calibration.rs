use std::collections::BTreeMap;

use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, Trace, Verdict, World};
use serde::{Deserialize, Serialize};

use crate::curves::auroc;
use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures whether the model's confidence in its answers is justified (calibration). `ece`
    /// (the expected calibration error over bins of equal width, Guo et al. 2017, arXiv
    /// 1706.04599), `brier` (the mean squared error of the confidence), `confidence auroc` (how
    /// often a right answer is given with more confidence than a wrong one), `aurc` (the mean risk
    /// over all coverages when the least confident are left out first, Geifman & El-Yaniv 2017,
    /// arXiv 1705.08500).
    pub struct Calibration = "calibration", version 1 {
        /// What confidence is.
        pub by: Confidence = Confidence::Agreement, "Wang et al. 2022, arXiv 2203.11171, section 3.4: agreement tells best";
        /// Samples per task, for `agreement`.
        pub k: u32 = 16, "ours", 1..=100_000;
        /// Softmax temperature of these.
        pub temperature: f32 = 1.0, "ours", 0.0..=1000.0;
        /// Bins of the calibration error.
        pub bins: u32 = 10, "Guo et al. 2017, arXiv 1706.04599, take 15; ours: tasks are fewer", 1..=100_000;
    }
}

/// What a model's confidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The share of the samples that give the commonest answer, which is the answer.
    Agreement,
    /// The probability of the whole greedy answer.
    Likelihood,
    /// The geometric mean of the probabilities of the greedy answer's tokens.
    PerToken,
}

impl MeasureSettings for Calibration {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for Calibration {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let (k, temperature) = match self.by {
            Confidence::Agreement => (self.k.max(1), self.temperature),
            _ => (1, 0.0),
        };
        let traces = draw(stage, policy, world, tasks, k, temperature)?;
        let verdicts = checker.check(stage, tasks, &traces)?;
        let groups = traces.chunks(k as usize).zip(verdicts.chunks(k as usize));
        let stated = |(task, (traces, verdicts)): (&Task, (&[Trace], &[Verdict]))| match self.by {
            Confidence::Agreement => agreed(world, task, traces, verdicts),
            Confidence::Likelihood => Some((traces[0].log_likelihood().exp(), verdicts[0].is_right()?)),
            Confidence::PerToken => {
                let tokens = traces[0].tokens.len().max(1) as f64;
                Some(((traces[0].log_likelihood() / tokens).exp(), verdicts[0].is_right()?))
            }
        };
        let found: Vec<Option<(f64, bool)>> = tasks.iter().zip(groups).map(stated).collect();
        let known: Vec<(f64, bool)> = found.iter().flatten().copied().collect();
        let squared = |(confidence, right): (f64, bool)| (confidence - f64::from(u8::from(right))).powi(2);
        let brier = tasks.iter().zip(&found).map(|(task, found)| (task.id.clone(), found.map(squared)));
        let whole = |name: &str, value: Option<f64>| Score { value, ..Score::new(name, on, Vec::new()) };
        Ok(vec![
            Score::new("brier", on, brier.collect()),
            whole("ece", calibration_error(&known, self.bins.max(1) as usize)),
            whole("confidence auroc", auroc(&known)),
            whole("aurc", mean_risk(&known)),
        ])
    }
}

/// The share of the commonest answer, and whether it is right; of equally common ones the first in
/// order.
fn agreed(world: &dyn World, task: &Task, traces: &[Trace], verdicts: &[Verdict]) -> Option<(f64, bool)> {
    let mut votes: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    let mut judged = 0;
    for (trace, verdict) in traces.iter().zip(verdicts) {
        let Some(right) = verdict.is_right() else { continue };
        judged += 1;
        if let Some(answer) = world.answer(task, &trace.text()) {
            votes.entry(answer).or_insert((0, right)).0 += 1;
        }
    }
    let most = votes.values().map(|(count, _)| *count).max().unwrap_or(0);
    let winner = votes.values().find(|(count, _)| *count == most);
    // Nobody answered: surely wrong, and known to be.
    (judged > 0).then(|| winner.map_or((0.0, false), |&(count, right)| (count as f64 / judged as f64, right)))
}

/// The gap between confidence and accuracy in each bin, weighted by what is in it; none without
/// answers.
pub(crate) fn calibration_error(known: &[(f64, bool)], bins: usize) -> Option<f64> {
    let mut sums = vec![(0.0, 0.0); bins];
    for &(confidence, right) in known {
        let bin = ((confidence * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += confidence;
        sums[bin].1 += f64::from(u8::from(right));
    }
    let gaps: f64 = sums.iter().map(|(confidence, right)| (confidence - right).abs()).sum();
    (!known.is_empty()).then(|| gaps / known.len() as f64)
}

/// The share of wrong answers among the most confident `n`, the mean over all `n`. Equal
/// confidences share their places.
fn mean_risk(known: &[(f64, bool)]) -> Option<f64> {
    let mut order: Vec<(f64, f64)> = known.iter().map(|&(c, right)| (c, f64::from(u8::from(!right)))).collect();
    order.sort_by(|one, other| other.0.total_cmp(&one.0));
    for equal in order.chunk_by_mut(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        let share = equal.iter().map(|(_, wrong)| wrong).sum::<f64>() / equal.len() as f64;
        equal.iter_mut().for_each(|(_, wrong)| *wrong = share);
    }
    let mut wrong = 0.0;
    let risks = (1u32..).zip(&order).map(|(n, (_, own))| {
        wrong += own;
        wrong / f64::from(n)
    });
    let sum: f64 = risks.sum();
    (!order.is_empty()).then(|| sum / order.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        let known = [(0.9, true), (0.9, false), (0.1, false), (1.0, true)];
        // Bins of a tenth: [0.1] is off by 0.1, [0.9, 0.9, 1.0] says 2.8 where 2 are right.
        let wanted = (0.1 + 0.8) / 4.0;
        assert!((calibration_error(&known, 10).expect("answers") - wanted).abs() < 1e-12);
        // 1.0 first, the two of 0.9 share a mistake, then the wrong one.
        let risks = [0.0, 0.25, 1.0 / 3.0, 0.5];
        assert!((mean_risk(&known).expect("answers") - risks.iter().sum::<f64>() / 4.0).abs() < 1e-12);
        assert_eq!((calibration_error(&[], 10), mean_risk(&[])), (None, None));
    }

    #[test]
    fn who_is_right_as_often_as_he_says_is_calibrated() {
        let known: Vec<(f64, bool)> = (0..10).map(|n| (0.7, n < 7)).collect();
        assert!(calibration_error(&known, 10).expect("answers") < 1e-12);
    }
}
