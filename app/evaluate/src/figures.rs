//! What people are told of scores: means with intervals, and differences between models.

use std::ops::AddAssign;

use measure::paired::{Difference, compare, interval};
use nouns::{Count, Key, Score};
use serde::Serialize;

use crate::answered::Answered;

/// What answering took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// Answers.
    pub answers: usize,
    /// Tokens that were drawn.
    pub generated_tokens: u64,
    /// Tokens that were read.
    pub context_tokens: u64,
    /// Answers that did not end by themselves within the tokens that they had.
    pub cut_off: usize,
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Spent) {
        self.answers += other.answers;
        self.generated_tokens += other.generated_tokens;
        self.context_tokens += other.context_tokens;
        self.cut_off += other.cut_off;
    }
}

/// A mean over items.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What it is.
    pub metric: String,
    /// The mean over the items that could be judged; none if none could.
    pub value: Option<f64>,
    /// The ends of its 95 % interval, by resampling the items.
    pub low: Option<f64>,
    /// The upper one.
    pub high: Option<f64>,
    /// The items' standard deviation over the root of their number: what lm-evaluation-harness
    /// calls the standard error.
    pub standard_error: Option<f64>,
    /// Items that could be judged.
    pub items: usize,
}

/// The key of every resampling: the same items have the same interval.
fn key() -> Key {
    Key::root(0).of("evaluate")
}

/// The figures of scores.
pub fn figures(scores: &[Score]) -> Vec<Figure> {
    let figure = |score: &Score| {
        let values: Vec<f64> = score.per_item.iter().copied().flatten().collect();
        let ends = interval(&key(), &values);
        Figure {
            metric: score.metric.clone(),
            value: score.value,
            low: ends.map(|(low, _)| low),
            high: ends.map(|(_, high)| high),
            standard_error: standard_error(&values),
            items: values.len(),
        }
    };
    scores.iter().map(figure).collect()
}

/// Another model's scores less those of a first one, on the items that both settled: the name of
/// the figure and how much.
pub fn differences(first: &[Score], other: &[Score]) -> Vec<(String, Difference)> {
    let same = |score: &Score| first.iter().find(|before| before.metric == score.metric && before.on == score.on);
    let difference = |score: &Score| Some((score.metric.clone(), compare(&key(), same(score)?, score)?));
    other.iter().filter_map(difference).collect()
}

/// Sample deviation over the root of the number; none of fewer than two.
fn standard_error(values: &[f64]) -> Option<f64> {
    let freedom = values.len().checked_sub(2)? + 1;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / freedom as f64;
    Some((variance / values.len() as f64).sqrt())
}

/// Adds the items of the same figures behind those that there are.
pub(crate) fn scored(scores: &mut Vec<Score>, more: Vec<Score>) {
    for score in more {
        match scores.iter_mut().find(|known| known.metric == score.metric) {
            Some(known) => {
                known.items.extend(score.items);
                known.per_item.extend(score.per_item);
            }
            None => scores.push(score),
        }
    }
}

/// Scores of what is counted beside verdicts: how many there are in all, of how many in all.
///
/// An item's value is its share in that ratio, made linear: the ratio itself plus what the item
/// adds to it. So the mean over the items is the ratio, and its interval is that of a ratio
/// estimator (Cochran, Sampling Techniques, 1977, section 6.5).
pub(crate) fn counted(on: &str, all: &[Answered]) -> Vec<Score> {
    let names: Vec<&'static str> = match all.iter().flat_map(|answered| answered.answers.first()).next() {
        Some(given) => given.counts.iter().map(|count| count.name).collect(),
        None => Vec::new(),
    };
    let of_name = |name: &&'static str| {
        let sum = |answered: &Answered| {
            let counts = answered.answers.iter().flat_map(|given| &given.counts);
            let own = counts.filter(|count: &&Count| count.name == *name);
            own.fold((0.0, 0.0), |(has, of), count| (has + f64::from(count.has), of + f64::from(count.of)))
        };
        let pairs: Vec<(f64, f64)> = all.iter().map(sum).collect();
        let (has, of) = pairs.iter().fold((0.0, 0.0), |(has, of), pair| (has + pair.0, of + pair.1));
        let (ratio, mean_of) = (has / of, of / pairs.len() as f64);
        let item = |(answered, (has, of)): (&Answered, &(f64, f64))| {
            (answered.task.clone(), (mean_of > 0.0).then(|| ratio + (has - ratio * of) / mean_of))
        };
        Score::new(*name, on, all.iter().zip(&pairs).map(item).collect())
    };
    names.iter().map(of_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answered::Given;

    fn answered(has: u32, of: u32) -> Answered {
        let counts = vec![Count { name: "instructions", has, of }];
        let given = Given {
            text: String::new(),
            correct: None,
            verdict: String::new(),
            answer: None,
            tokens: 0,
            log_likelihood: 0.0,
            finish: None,
            counts,
        };
        Answered { task: format!("{has} of {of}"), prompt: String::new(), answers: vec![given], options: Vec::new() }
    }

    #[test]
    fn a_ratio_is_of_the_sums_and_not_the_mean_of_ratios() {
        let scores = counted("file", &[answered(1, 1), answered(1, 3), answered(0, 1)]);
        let figures = figures(&scores);
        let value = figures[0].value.expect("a ratio");
        assert!((value - 2.0 / 5.0).abs() < 1e-12, "{value}");
        assert_eq!((figures[0].items, figures[0].metric.as_str()), (3, "instructions"));
    }

    #[test]
    fn the_standard_error_is_that_of_a_proportion() {
        let values = [1.0, 0.0, 0.0, 1.0, 1.0];
        // sqrt(p (1 - p) / (n - 1))
        let wanted = (0.6f64 * 0.4 / 4.0).sqrt();
        assert!((standard_error(&values).expect("one") - wanted).abs() < 1e-12);
        assert_eq!(standard_error(&[1.0]), None);
    }
}
