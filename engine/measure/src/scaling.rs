use std::collections::BTreeMap;

use faults::Outcome;
use nouns::{Check, Critics, Key, Measure, Policy, Score, Stage, Task, Trace, Verdict, World};

use crate::curves::pass_at;
use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures what more samples per task would bring. From the same k answers per task, for n =
    /// 1, 2, 4 … k: `pass@n` (is any of n right, without bias: Chen et al. 2021, arXiv 2107.03374,
    /// equation 1) and `majority@n` (is the commonest answer of n right, the mean over drawn
    /// subsets; ties count their share).
    pub struct Scaling = "scaling", version 1 {
        /// Samples per task.
        pub k: u32 = 16, "ours; the paper draws 200", 1..=100_000;
        /// Softmax temperature.
        pub temperature: f32 = 1.0, "ours", 0.0..=1000.0;
        /// Subsets that are drawn of every size for the majority.
        pub subsets: u32 = 64, "ours", 1..=100_000;
    }
}

impl MeasureSettings for Scaling {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }
}

impl Measure for Scaling {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        checker: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let traces = draw(stage, policy, world, tasks, self.k.max(1), self.temperature)?;
        let verdicts = checker.check(stage, tasks, &traces)?;
        Ok(scaling(stage, world, on, tasks, (&traces, &verdicts), self.subsets))
    }
}

/// What more answers bring, by the same number of them to each task, grouped by task, with their
/// verdicts: `pass@n of k` and `majority@n of k` for n = 1, 2, 4 … k. The majority is a mean over
/// this many drawn subsets of each size.
pub fn scaling(
    stage: &Stage,
    world: &dyn World,
    on: &str,
    tasks: &[Task],
    (traces, verdicts): (&[Trace], &[Verdict]),
    subsets: u32,
) -> Vec<Score> {
    let k = (traces.len() / tasks.len().max(1)).max(1);
    let sizes: Vec<usize> = std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|&n| n <= k).collect();
    let mut columns: Vec<Vec<(String, Option<f64>)>> = vec![Vec::new(); 2 * sizes.len()];
    for (task, (traces, verdicts)) in tasks.iter().zip(traces.chunks(k).zip(verdicts.chunks(k))) {
        let rights: Vec<bool> = verdicts.iter().filter_map(Verdict::is_right).collect();
        let votes = traces
            .iter()
            .zip(verdicts)
            .filter_map(|(trace, verdict)| Some((world.answer(task, &trace.text()), verdict.is_right()?)));
        let (votes, key) = (votes.collect::<Vec<_>>(), stage.key.of("majority").of(&task.id));
        let passes = sizes.iter().map(|&n| pass_at(&rights, n));
        let majorities = sizes.iter().map(|&n| majority(&votes, n, subsets, &key.at(n as u64)));
        let figures = passes.chain(majorities);
        columns.iter_mut().zip(figures).for_each(|(column, figure)| column.push((task.id.clone(), figure)));
    }
    let names = ["pass", "majority"].into_iter();
    let names = names.flat_map(|word| sizes.iter().map(move |n| format!("{word}@{n} of {k}")));
    names.zip(columns).map(|(name, items)| Score::new(name, on, items)).collect()
}

/// How often the commonest answer of `n` of these is right, over drawn subsets; none if there are
/// fewer.
fn majority(votes: &[(Option<String>, bool)], n: usize, subsets: u32, key: &Key) -> Option<f64> {
    if votes.len() < n {
        return None;
    }
    let mut random = key.random();
    let mut places: Vec<usize> = (0..votes.len()).collect();
    let mut sum = 0.0;
    for _ in 0..subsets.max(1) {
        random.shuffle(&mut places);
        // An answer's votes, and how many of those are right: the same answer is judged alike, but a checker may differ.
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for &place in &places[..n] {
            if let (Some(answer), right) = &votes[place] {
                let (all, rights) = counts.entry(answer).or_default();
                *all += 1;
                *rights += usize::from(*right);
            }
        }
        let most = counts.values().map(|(all, _)| *all).max().unwrap_or(0);
        let winners: Vec<f64> =
            counts.values().filter(|(all, _)| *all == most).map(|(all, rights)| *rights as f64 / *all as f64).collect();
        sum += if winners.is_empty() { 0.0 } else { winners.iter().sum::<f64>() / winners.len() as f64 };
    }
    Some(sum / f64::from(subsets.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_of_one_is_a_draw_and_of_all_is_the_vote() {
        let vote = |answer: &str, right| (Some(answer.to_owned()), right);
        let votes = [vote("a", true), vote("a", true), vote("b", false), (None, false)];
        let one = majority(&votes, 1, 4000, &Key::root(1)).expect("enough");
        assert!((one - 0.5).abs() < 0.03, "{one}");
        assert_eq!(majority(&votes, 4, 8, &Key::root(1)), Some(1.0));
        assert_eq!(majority(&votes, 5, 8, &Key::root(1)), None);
        assert_eq!(majority(&[vote("a", true), vote("b", false)], 2, 8, &Key::root(1)), Some(0.5), "a tie");
    }
}
