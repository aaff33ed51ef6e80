//! What people and programs are told of an evaluation.

use evaluate::{Figure, differences, figures};
use events::{duration, figure};
use measure::paired::Difference;
use serde_json::{Value, json};

use super::Side;
use crate::commands::compare::said;
use crate::console::{Console, table};

/// A table for each task set: a row for each figure, a column for each model.
pub(crate) fn shown(sides: &[Side], on: &[String], console: &Console) -> String {
    let of = |on: &String| sides.iter().filter(|side| side.on == *on).collect::<Vec<&Side>>();
    on.iter().map(|on| one(&of(on), on, console)).collect()
}

fn one(of: &[&Side], on: &str, console: &Console) -> String {
    let recognised =
        of.first().and_then(|side| side.recognised.clone()).map_or(String::new(), |what| format!(", {what}"));
    let tasks = of.first().map_or(0, |side| side.evaluated.tasks);
    let mut text = format!("{}\n", console.style().strong(&format!("{on}: {tasks} tasks{recognised}")));
    let letters: Vec<String> = ('A'..='Z').map(String::from).take(of.len()).collect();
    for (letter, side) in letters.iter().zip(of).filter(|_| of.len() > 1) {
        text += &format!("  {letter}  {}\n", side.model.display());
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    if of.len() > 1 {
        rows.push(std::iter::once(String::new()).chain(letters.iter().cloned()).collect());
    }
    let all: Vec<Vec<Figure>> = of.iter().map(|side| figures(&side.evaluated.scores)).collect();
    for first in all.first().into_iter().flatten() {
        let cell = |figures: &Vec<Figure>| {
            figures.iter().find(|other| other.metric == first.metric).map_or_else(|| "-".to_owned(), with_interval)
        };
        rows.push(std::iter::once(first.metric.clone()).chain(all.iter().map(cell)).collect());
    }
    let row = |name: &str, value: &dyn Fn(&Side) -> String| {
        std::iter::once(name.to_owned()).chain(of.iter().map(|side| value(side))).collect::<Vec<String>>()
    };
    if of.iter().any(|side| side.evaluated.spent.cut_off > 0) {
        rows.push(row("cut off by --max-tokens", &|side| {
            format!("{} of {}", side.evaluated.spent.cut_off, side.evaluated.spent.answers)
        }));
    }
    rows.push(row("tokens drawn", &|side| side.evaluated.spent.generated_tokens.to_string()));
    rows.push(row("tokens read", &|side| side.evaluated.spent.context_tokens.to_string()));
    rows.push(row("time", &|side| duration(side.seconds)));
    text += &table::aligned(&rows);
    for (letter, side) in letters.iter().zip(of) {
        for (why, count) in &side.evaluated.unsettled {
            let whose = if of.len() > 1 { format!("{letter}: ") } else { String::new() };
            text += &format!(
                "  {}\n",
                console.style().caution(&format!("{whose}{count} answers could not be judged: {why}"))
            );
        }
    }
    text + &pairs(of, &letters, console)
}

fn pairs(of: &[&Side], letters: &[String], console: &Console) -> String {
    let Some((first, others)) = of.split_first().filter(|(_, others)| !others.is_empty()) else { return String::new() };
    let mut rows: Vec<(String, String)> = Vec::new();
    for (side, letter) in others.iter().zip(&letters[1..]) {
        for (name, difference) in differences(&first.evaluated.scores, &side.evaluated.scores) {
            let words = if name.ends_with("tokens") { length(&difference) } else { said(&difference, console) };
            rows.push((format!("{letter} {name}"), words));
        }
    }
    let head = console.style().strong("Differences to A, on the same items (95 % interval)");
    format!("\n{head}\n{}", table::described(rows.iter().map(|(name, said)| (name.as_str(), said.clone()))))
}

/// A difference that is no share, and of which more is not better.
fn length(difference: &Difference) -> String {
    let Difference { mean, low, high, items, .. } = difference;
    format!("{mean:+.1} ({low:+.1} to {high:+.1}) on {items} items")
}

/// `41 % (35 % to 47 %)`.
fn with_interval(shown: &Figure) -> String {
    match (shown.value, shown.low, shown.high) {
        (Some(value), Some(low), Some(high)) if shown.metric.ends_with("tokens") => {
            format!("{value:.1} ({low:.1} to {high:.1})")
        }
        (Some(value), Some(low), Some(high)) => format!("{} ({} to {})", figure(value), figure(low), figure(high)),
        _ => "-".to_owned(),
    }
}

/// Everything, for programs.
pub(crate) fn as_json(sides: &[Side], settings: &Value) -> Value {
    let side = |side: &Side| {
        json!({
            "model": side.model, "digest": side.digest, "on": side.on, "recognised": side.recognised,
            "tasks": side.evaluated.tasks, "figures": figures(&side.evaluated.scores),
            "unsettled": side.evaluated.unsettled.iter().map(|(why, count)| json!({ "why": why, "answers": count })).collect::<Vec<_>>(),
            "spent": side.evaluated.spent, "seconds": side.seconds,
        })
    };
    let mut pairs = Vec::new();
    for (place, other) in sides.iter().enumerate() {
        let Some(first) = sides[..place].iter().find(|first| first.on == other.on) else {
            continue;
        };
        let found = differences(&first.evaluated.scores, &other.evaluated.scores);
        pairs.extend(found.into_iter().map(|(metric, difference)| {
            json!({ "model": other.model, "to": first.model, "on": other.on, "metric": metric, "difference": difference })
        }));
    }
    json!({ "settings": settings, "results": sides.iter().map(side).collect::<Vec<_>>(), "differences": pairs })
}
