//! The curves of a run.

use std::collections::BTreeMap;

use dashboard::{Chart, Point, Series, Unit};
use events::{Event, Line, SOLVED, TASKS};
use repeat::View;
use serde_json::Value;

/// Points of a loss curve at most: more cannot be told apart on a page.
const MOST_POINTS: usize = 600;

/// Charts of scores by evaluation set, of solved tasks, of the loss and of tokens.
pub(super) fn all(view: &View, lines: &[Line]) -> Vec<Chart> {
    let mut charts = scores(lines);
    charts.extend(shares(view));
    charts.push(loss(view));
    charts.push(tokens(view));
    charts.retain(|chart| chart.series.iter().any(|series| !series.points.is_empty()));
    charts
}

/// Sorts by whether it is less important, then by name.
type Place = (bool, String);

/// A chart for every set of tasks, a curve for every metric; the reported tasks and the accuracy
/// first.
fn scores(lines: &[Line]) -> Vec<Chart> {
    let mut charts: BTreeMap<Place, BTreeMap<Place, Vec<Point>>> = BTreeMap::new();
    for line in lines {
        let Event::Scored { round, metric, on, value: Some(value), low, high, .. } = &line.event else { continue };
        let chart = charts.entry((!on.ends_with("/test"), on.clone())).or_default();
        let points = chart.entry((!matches!(metric.as_str(), "accuracy" | "reward"), metric.clone())).or_default();
        points.push(Point { x: f64::from(*round), y: *value, interval: low.zip(*high) });
    }
    let series = |((_, name), points)| Series { name, points };
    charts
        .into_iter()
        .map(|((_, on), curves)| by_round(on, Unit::Share, curves.into_iter().map(series).collect()))
        .collect()
}

/// What became of the attempts: shares of right and of distinct ones, and of tasks solved at least
/// once.
fn shares(view: &View) -> Option<Chart> {
    let share = |name: &str, part: &str, whole: &str| {
        let point = |round: &repeat::RoundView| {
            let fact = |name: &str| round.facts.get(name).and_then(Value::as_f64);
            let y = fact(part)? / fact(whole).filter(|&whole| whole > 0.0)?;
            Some(Point { x: f64::from(round.round), y, interval: None })
        };
        Series { name: name.to_owned(), points: view.rounds.iter().filter_map(point).collect() }
    };
    let series = vec![
        share("tasks solved", SOLVED, TASKS),
        share("attempts right", "right", "attempts"),
        share("attempts that differ", "distinct_attempts", "attempts"),
    ];
    (!series[0].points.is_empty()).then(|| by_round("Training tasks".to_owned(), Unit::Share, series))
}

/// The loss over all steps of all rounds, with a mark where each round begins.
fn loss(view: &View) -> Chart {
    let (mut points, mut marks, mut first) = (Vec::new(), Vec::new(), 0);
    for round in &view.rounds {
        let Some(update) = &round.update else { continue };
        marks.push((f64::from(first), if round.round == 0 { "base".to_owned() } else { round.round.to_string() }));
        let point = |step: &nouns::Step| Point { x: f64::from(first + step.step - 1), y: step.loss, interval: None };
        points.extend(update.steps.iter().map(point));
        first += u32::try_from(update.steps.len()).unwrap_or(u32::MAX);
    }
    let stride = points.len().div_ceil(MOST_POINTS).max(1);
    let points = points.into_iter().step_by(stride).collect();
    let series = vec![Series { name: "loss per taught token".to_owned(), points }];
    Chart { title: "Loss".to_owned(), across: "step", unit: Unit::Number, series, marks }
}

/// Tokens by round.
fn tokens(view: &View) -> Chart {
    let series = |name: &str, fact: &str| {
        let point = |round: &repeat::RoundView| {
            let y = round.facts.get(fact).and_then(Value::as_f64)?;
            Some(Point { x: f64::from(round.round), y, interval: None })
        };
        Series { name: name.to_owned(), points: view.rounds.iter().filter_map(point).collect() }
    };
    let series = vec![series("generated", "generated_tokens"), series("trained", "trained_tokens")];
    by_round("Tokens by round".to_owned(), Unit::Count, series)
}

fn by_round(title: String, unit: Unit, series: Vec<Series>) -> Chart {
    let series = series.into_iter().filter(|series| !series.points.is_empty()).collect();
    Chart { title, across: "round", unit, series, marks: Vec::new() }
}
