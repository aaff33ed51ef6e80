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

/// Student's interval (95 %) of the mean of a few values, such as one figure for each seed, for
/// which a bootstrap's interval would be too narrow; `None` of fewer than two.
pub fn interval_of_few(values: &[f64]) -> Option<(f64, f64)> {
    let freedom = values.len().checked_sub(2)? + 1;
    let mean = mean(values);
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / freedom as f64;
    let reach = student(freedom) * (variance / values.len() as f64).sqrt();
    Some((mean - reach, mean + reach))
}

/// The 97.5 % quantile of Student's t: tables for few degrees of freedom, beyond them the expansion
/// of Cornish and Fisher (Abramowitz and Stegun 26.7.5).
fn student(freedom: usize) -> f64 {
    const FEW: [f64; 9] = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622];
    const NORMAL: f64 = 1.959_964;
    let (v, z) = (freedom as f64, NORMAL);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    FEW.get(freedom - 1).copied().unwrap_or(z + first / v + second / v.powi(2) + third / v.powi(3))
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
    fn the_interval_of_a_few_is_students() {
        // scipy.stats.t.interval(0.95, n - 1, mean, sem)
        let near = |found: Option<(f64, f64)>, low: f64, high: f64| {
            let (l, h) = found.expect("an interval");
            assert!((l - low).abs() < 1e-3 && (h - high).abs() < 1e-3, "{l} {h}");
        };
        near(interval_of_few(&[0.7, 0.8, 0.9]), 0.551_586, 1.048_414);
        near(interval_of_few(&[1.0, 2.0]), -4.853_102, 7.853_102);
        near(interval_of_few(&(0..12).map(f64::from).collect::<Vec<_>>()), 3.209_144, 7.790_856);
        assert_eq!((interval_of_few(&[]), interval_of_few(&[0.5])), (None, None));
    }

    #[test]
    fn gained_and_lost_items_are_counted() {
        let difference = compare(&Key::root(1), &score(&[1.0, 0.0, 0.0]), &score(&[0.0, 1.0, 1.0])).expect("items");
        assert_eq!((difference.gained, difference.lost, difference.items), (2, 1, 3));
    }
}
