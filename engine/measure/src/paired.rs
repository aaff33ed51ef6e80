//! Two models compared item by item.

use nouns::{Key, Score};
use serde::{Deserialize, Serialize};

/// The difference of two models on the same items, with a paired bootstrap interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Mean of (new - old) over the items both settled.
    pub mean: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// Items compared.
    pub items: usize,
    /// Items that the new model got and the old did not.
    pub gained: usize,
    /// Items that the old model got and the new did not.
    pub lost: usize,
}

/// Resamples of the bootstrap.
const RESAMPLES: usize = 2000;

/// Compares two scores of the same metric on the same items; `None` if no item is settled in both.
pub fn compare(key: &Key, old: &Score, new: &Score) -> Option<Difference> {
    let olds: std::collections::HashMap<&String, f64> =
        old.items.iter().zip(&old.per_item).filter_map(|(item, value)| Some((item, (*value)?))).collect();
    let differences: Vec<f64> =
        new.items.iter().zip(&new.per_item).filter_map(|(item, value)| Some((*value)? - olds.get(item)?)).collect();
    let (low, high) = interval(key, &differences)?;
    Some(Difference {
        mean: mean(&differences),
        low,
        high,
        items: differences.len(),
        gained: differences.iter().filter(|&&d| d > 0.0).count(),
        lost: differences.iter().filter(|&&d| d < 0.0).count(),
    })
}

/// Percentile bootstrap interval (95 %) of the mean; `None` without values.
pub fn interval(key: &Key, values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let mut random = key.of("bootstrap").random();
    let resample = |_| (0..values.len()).map(|_| values[random.below(values.len())]).sum::<f64>() / values.len() as f64;
    let mut means: Vec<f64> = (0..RESAMPLES).map(resample).collect();
    means.sort_unstable_by(f64::total_cmp);
    Some((means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40]))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(values: &[f64]) -> Score {
        let items = values.iter().enumerate().map(|(n, &v)| (n.to_string(), Some(v))).collect();
        Score::new("accuracy", "toy/valid", items)
    }

    #[test]
    fn identical_models_differ_by_nothing() {
        let same = score(&[1.0, 0.0, 1.0]);
        let difference = compare(&Key::root(1), &same, &same).expect("three items");
        assert_eq!((difference.mean, difference.low, difference.high), (0.0, 0.0, 0.0));
    }

    #[test]
    fn the_interval_covers_the_mean_about_95_times_in_100() {
        // 200 fair coins of 60 flips each: the interval must cover 0.5 in 95 % of them, give or take sampling noise.
        let covered = (0..200).filter(|&n| {
            let mut random = Key::root(n).random();
            let flips: Vec<f64> = (0..60).map(|_| f64::from(random.uniform() < 0.5)).collect();
            let (low, high) = interval(&Key::root(n), &flips).expect("sixty values");
            low <= 0.5 && 0.5 <= high
        });
        let covered = covered.count();
        assert!((180..=198).contains(&covered), "{covered} of 200");
    }

    #[test]
    fn gained_and_lost_items_are_counted() {
        let difference = compare(&Key::root(1), &score(&[1.0, 0.0, 0.0]), &score(&[0.0, 1.0, 1.0])).expect("items");
        assert_eq!((difference.gained, difference.lost, difference.items), (2, 1, 3));
    }
}
