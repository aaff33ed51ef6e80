use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, Trace, World};

use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures how much the answers to one task differ. Of k samples: `distinct answers` and
    /// `distinct texts` (how many different ones, as a share), `answer entropy` (of the
    /// distribution of answers, in nats), `self-bleu` (how much of a sample is in the others, 1 if
    /// all are the same: Zhu et al. 2018, arXiv 1802.01886), `token entropy` (the mean surprise of
    /// its own tokens, in nats), `length` in tokens, and `embedding spread` (one less the mean
    /// cosine of two of them, by the mean of the policy's last hidden states; nothing of a policy
    /// that does not show these).
    pub struct Diversity = "diversity", version 2 {
        /// Samples per task.
        pub k: u32 = 16, "ours", 1..=100_000;
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours", 0.0..=1000.0;
    }
}

/// Words of the longest run that is compared: Papineni et al. 2002, doi 10.3115/1073083.1073135.
const RUNS: usize = 4;

impl MeasureSettings for Diversity {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for Diversity {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        _: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let k = self.k.max(1) as usize;
        let traces = draw(stage, policy, world, tasks, self.k.max(1), self.temperature)?;
        let names = ["distinct answers", "distinct texts", "answer entropy", "self-bleu", "token entropy", "length"];
        let mut columns: [Vec<(String, Option<f64>)>; 6] = Default::default();
        for (task, traces) in tasks.iter().zip(traces.chunks(k)) {
            let figures = of_task(world, task, traces);
            columns.iter_mut().zip(figures).for_each(|(column, figure)| column.push((task.id.clone(), figure)));
        }
        let mut scores: Vec<Score> =
            names.into_iter().zip(columns).map(|(name, items)| Score::new(name, on, items)).collect();
        let contexts = tasks.iter().map(|task| policy.encode(&task.prompt)).collect::<Outcome<Vec<_>>>()?;
        let items = traces.iter().enumerate().map(|(n, trace)| (contexts[n / k].as_slice(), trace.tokens.as_slice()));
        if let Some(embeddings) = policy.embed(&items.collect::<Vec<_>>(), stage.progress)? {
            let spreads = tasks.iter().zip(embeddings.chunks(k)).map(|(task, own)| (task.id.clone(), spread(own)));
            scores.push(Score::new("embedding spread", on, spreads.collect()));
        }
        Ok(scores)
    }
}

/// One less the mean cosine of two different ones; none of fewer than two.
fn spread(embeddings: &[Vec<f32>]) -> Option<f64> {
    let unit = |embedding: &Vec<f32>| {
        let length = embedding.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        embedding.iter().map(|&x| f64::from(x) / length).collect::<Vec<f64>>()
    };
    let units: Vec<Vec<f64>> = embeddings.iter().map(unit).collect();
    let count = units.len() as f64;
    if units.len() < 2 {
        return None;
    }
    // The sum over all pairs is the square of the sum.
    let width = units[0].len();
    let square: f64 = (0..width).map(|n| units.iter().map(|unit| unit[n]).sum::<f64>().powi(2)).sum();
    Some(1.0 - (square - count) / (count * (count - 1.0)))
}

fn of_task(world: &dyn World, task: &Task, traces: &[Trace]) -> [Option<f64>; 6] {
    let count = traces.len() as f64;
    let mut answers: BTreeMap<String, f64> = BTreeMap::new();
    for answer in traces.iter().filter_map(|trace| world.answer(task, &trace.text())) {
        *answers.entry(answer).or_default() += 1.0;
    }
    let given: f64 = answers.values().sum();
    let entropy = answers.values().map(|n| -(n / given) * (n / given).ln()).sum::<f64>();
    let texts: HashSet<Cow<str>> = traces.iter().map(|trace| trace.answer.identity()).collect();
    let tokens: usize = traces.iter().map(|trace| trace.tokens.len()).sum();
    let surprise: f64 = traces.iter().map(|trace| -trace.log_likelihood()).sum();
    let spoken: Vec<Cow<str>> = traces.iter().map(|trace| trace.text()).collect();
    [
        (given > 0.0).then(|| answers.len() as f64 / given),
        Some(texts.len() as f64 / count),
        (given > 0.0).then_some(entropy),
        self_bleu(&spoken),
        (tokens > 0).then(|| surprise / tokens as f64),
        Some(tokens as f64 / count),
    ]
}

/// The mean over texts of BLEU against the others: the geometric mean of the shares of its runs of
/// one to four words that another has too (each as often as the other has it), shortened for
/// brevity. A text without runs of a length leaves that length out.
fn self_bleu(texts: &[impl AsRef<str>]) -> Option<f64> {
    if texts.len() < 2 {
        return None;
    }
    let words: Vec<Vec<&str>> = texts.iter().map(|text| text.as_ref().split_whitespace().collect()).collect();
    let counted: Vec<[HashMap<Vec<&str>, usize>; RUNS]> =
        words.iter().map(|words| std::array::from_fn(|length| runs(words, length + 1))).collect();
    let scores = (0..texts.len()).map(|own| bleu(own, &words, &counted));
    Some(scores.sum::<f64>() / texts.len() as f64)
}

fn runs<'a>(words: &[&'a str], length: usize) -> HashMap<Vec<&'a str>, usize> {
    let mut counts = HashMap::new();
    for run in words.windows(length) {
        *counts.entry(run.to_vec()).or_default() += 1;
    }
    counts
}

fn bleu(own: usize, words: &[Vec<&str>], counted: &[[HashMap<Vec<&str>, usize>; RUNS]]) -> f64 {
    let others = || (0..words.len()).filter(|&other| other != own);
    let mut logs = Vec::new();
    for (length, runs) in counted[own].iter().enumerate() {
        let all: usize = runs.values().sum();
        if all == 0 {
            continue;
        }
        let most = |run: &Vec<&str>| {
            others().map(|other| counted[other][length].get(run).copied().unwrap_or(0)).max().unwrap_or(0)
        };
        // A sum of whole numbers: in whatever order the runs come.
        let shared: usize = runs.iter().map(|(run, &count)| count.min(most(run))).sum();
        logs.push((shared as f64 / all as f64).ln());
    }
    let long = words[own].len() as f64;
    let near = others().map(|other| words[other].len()).min_by_key(|&len| (len.abs_diff(words[own].len()), len));
    let short = near.map_or(0.0, |near| (1.0 - near as f64 / long.max(1.0)).min(0.0));
    match logs.is_empty() {
        true => f64::from(u8::from(others().any(|other| words[other].is_empty()))),
        false => (logs.iter().sum::<f64>() / logs.len() as f64 + short).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again_is_one_and_nothing_shared_is_none() {
        assert_eq!(self_bleu(&["a b c d e", "a b c d e", "a b c d e"]), Some(1.0));
        assert_eq!(self_bleu(&["a b c d", "e f g h"]), Some(0.0));
        assert_eq!(self_bleu(&["a"]), None);
    }

    #[test]
    fn a_closed_form() {
        // Of `a b c d e` four of five words, three of four pairs, two of three and one of two runs are in the other.
        let wanted = ((4.0 / 5.0) * (3.0 / 4.0) * (2.0 / 3.0) * (1.0f64 / 2.0)).powf(0.25);
        let found = self_bleu(&["a b c d e", "a b c d f"]).expect("two texts");
        assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
    }

    #[test]
    fn embeddings_that_point_one_way_have_no_spread_and_opposites_the_largest() {
        let near = |found: Option<f64>, wanted: f64| assert!((found.expect("a spread") - wanted).abs() < 1e-12);
        near(spread(&[vec![1.0, 0.0], vec![3.0, 0.0], vec![0.5, 0.0]]), 0.0);
        near(spread(&[vec![1.0, 0.0], vec![-2.0, 0.0]]), 2.0);
        near(spread(&[vec![1.0, 0.0], vec![0.0, 1.0]]), 1.0);
        assert_eq!(spread(&[vec![1.0]]), None);
    }
}
