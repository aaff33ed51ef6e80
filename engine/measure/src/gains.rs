use std::collections::BTreeMap;

use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, World};

use crate::settings::MeasureSettings;

recipe::part! {
    /// Splits what the greedy answers gained over the base model's by what the base could reach.
    /// `self_distilled` are tasks that it got right in one of its samples, though not at once;
    /// `newly_solved` are tasks that it got right in none of them; `lost` are tasks that it got
    /// right at once. Each is a share of all tasks. Needs `accuracy` and `best_of` beside it.
    pub struct Gains = "gains", version 1 {
        /// The base model's samples: the `k` of `best_of`.
        pub k: u32 = 16, "Nath et al. 2025, arXiv 2506.13923, section 3: pass@16 before, pass@1 after", 1..=100_000;
    }
}

impl MeasureSettings for Gains {
    fn build(&self, _: &Critics) -> Box<dyn Measure> {
        Box::new(self.clone())
    }

    fn compares(&self) -> bool {
        true
    }
}

impl Measure for Gains {
    fn measure(
        &self,
        _: &Stage,
        _: &dyn Policy,
        _: &dyn World,
        _: &dyn Check,
        _: &str,
        _: &[Task],
    ) -> Outcome<Vec<Score>> {
        Ok(Vec::new()) // the policy by itself says nothing about what changed
    }

    fn since(&self, on: &str, base: &[Score], now: &[Score]) -> Vec<Score> {
        let (greedy, sampled) = ("accuracy".to_owned(), format!("pass@{}", self.k));
        let (Some(before), Some(reached), Some(after)) =
            (values(base, &greedy, on), values(base, &sampled, on), values(now, &greedy, on))
        else {
            return Vec::new();
        };
        let share = |metric: &str, of: fn(bool, bool, bool) -> bool| {
            let item = |(item, after): (&&str, &Option<f64>)| {
                let right = |value: Option<f64>| value.map(|value| value >= 1.0);
                let known = (|| Some((right(*before.get(item)?)?, right(*reached.get(item)?)?, right(*after)?)))();
                (
                    (*item).to_owned(),
                    known.map(|(before, reached, after)| f64::from(u8::from(of(before, reached, after)))),
                )
            };
            Score::new(metric, on, after.iter().map(item).collect())
        };
        vec![
            share("self_distilled", |before, reached, after| !before && reached && after),
            share("newly_solved", |before, reached, after| !before && !reached && after),
            share("lost", |before, _, after| before && !after),
        ]
    }
}

/// A score's values by item.
fn values<'a>(scores: &'a [Score], metric: &str, on: &str) -> Option<BTreeMap<&'a str, Option<f64>>> {
    let score = scores.iter().find(|score| score.metric == metric && score.on == on)?;
    Some(score.items.iter().map(String::as_str).zip(score.per_item.iter().copied()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(metric: &str, values: [f64; 5]) -> Score {
        let items = values.iter().enumerate().map(|(item, &value)| (item.to_string(), Some(value)));
        Score::new(metric, "toy/test", items.collect())
    }

    #[test]
    fn every_changed_task_is_counted_once() {
        let base = [score("accuracy", [1.0, 1.0, 0.0, 0.0, 0.0]), score("pass@16", [1.0, 1.0, 1.0, 0.0, 0.0])];
        let now = [score("accuracy", [1.0, 0.0, 1.0, 1.0, 0.0])];
        let found = Gains::default().since("toy/test", &base, &now);
        let named: Vec<(&str, &[Option<f64>])> =
            found.iter().map(|score| (score.metric.as_str(), &score.per_item[..])).collect();
        let items = |item: usize| std::array::from_fn::<_, 5, _>(|n| Some(f64::from(u8::from(n == item))));
        let (distilled, new, lost) = (items(2), items(3), items(1));
        assert_eq!(named, [("self_distilled", &distilled[..]), ("newly_solved", &new), ("lost", &lost)]);
        assert_eq!(Gains { k: 8 }.since("toy/test", &base, &now), [], "what was not measured is not made up");
    }
}
