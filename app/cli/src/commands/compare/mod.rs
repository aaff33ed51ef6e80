//! `compare`: runs side by side.

mod pairs;

use std::path::PathBuf;

use clap::Args;
use events::{duration, figure};
use faults::Outcome;
use nouns::Score;
use repeat::View;
use serde_json::{Value, json};

use crate::console::{Console, table};
use crate::places;
use pairs::Pair;
pub(crate) use pairs::said;

/// Show runs side by side, with each one's difference from the first on the same items.
///
/// The scores are those of the model that each run ended with. A difference has a paired bootstrap
/// interval (95 %) over the items that both were measured on; if the interval contains 0, the
/// difference may be chance.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  autodidact compare runs/a runs/b latest")]
pub(crate) struct Arguments {
    /// Run folders; the others are compared with the first.
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// A run with the scores it ended with.
pub(crate) struct Side {
    path: PathBuf,
    view: View,
    scores: Vec<Score>,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let sides = arguments.runs.iter().map(|run| side(run)).collect::<Outcome<Vec<Side>>>()?;
    let pairs = pairs::with_first(&sides)?;
    match console.json {
        true => console.print_json(&as_json(&sides, &pairs))?,
        false => console.print(&shown(&sides, &pairs, console))?,
    }
    Ok(0)
}

fn side(typed: &std::path::Path) -> Outcome<Side> {
    let path = places::run(typed)?;
    let view = View::open(&path)?;
    let kept = view.kept_round();
    // A method that does not learn has no gate: what counts is what its last round measured.
    let decided = view.rounds.iter().any(|round| round.decision.is_some());
    let last = view.rounds.iter().rev().find(|round| !round.scores.is_empty());
    let ended = if decided { view.rounds.iter().find(|round| round.round == kept) } else { last };
    let scores = ended.map(|round| round.scores.clone()).unwrap_or_default();
    Ok(Side { path, view, scores })
}

fn shown(sides: &[Side], pairs: &[Pair], console: &Console) -> String {
    let letters = || ('A'..='Z').map(String::from).chain((27..).map(|n| format!("#{n}")));
    let runs = letters().zip(sides).map(|(letter, side)| format!("  {letter}  {}\n", side.path.display()));
    let head = std::iter::once(String::new()).chain(letters().take(sides.len())).collect();
    let mut rows: Vec<Vec<String>> = vec![head];
    rows.extend(settings(sides));
    rows.extend(scores(sides));
    let mut text = format!("{}\n{}", runs.collect::<String>(), table::aligned(&rows));
    text += &format!("\n{}\n", console.style().strong("Differences from A, on the same items (95 % interval)"));
    let names: Vec<String> = letters().take(sides.len()).collect();
    let rows: Vec<(String, String)> =
        pairs.iter().map(|pair| (format!("{} {}", names[pair.other], pair.name), pair.said(console))).collect();
    text + &table::described(rows.iter().map(|(name, said)| (name.as_str(), said.clone())))
}

/// What the runs are and cost.
fn settings(sides: &[Side]) -> Vec<Vec<String>> {
    let row = |name: &str, value: fn(&View) -> String| {
        std::iter::once(name.to_owned()).chain(sides.iter().map(|side| value(&side.view))).collect()
    };
    vec![
        row("recipe", |view| view.options.recipe.clone()),
        row("on", |view| view.options.on.clone()),
        row("seed", |view| view.options.seed.to_string()),
        row("rounds", |view| view.rounds.iter().filter(|round| round.round > 0).count().to_string()),
        row("result is round", |view| view.kept_round().to_string()),
        row("time", |view| duration(view.rounds.iter().map(|round| round.seconds).sum())),
    ]
}

/// A row for each figure that any run has.
fn scores(sides: &[Side]) -> Vec<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for name in sides.iter().flat_map(|side| side.scores.iter().map(Score::name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let cell = |side: &Side, name: &str| {
        let score = side.scores.iter().find(|score| score.name() == name);
        score.and_then(|score| score.value).map_or_else(|| "-".to_owned(), figure)
    };
    names
        .iter()
        .map(|name| std::iter::once(name.clone()).chain(sides.iter().map(|side| cell(side, name))).collect())
        .collect()
}

fn as_json(sides: &[Side], pairs: &[Pair]) -> Value {
    let run = |side: &Side| {
        let metrics: serde_json::Map<String, Value> =
            side.scores.iter().map(|score| (score.name(), json!(score.value))).collect();
        json!({
            "run": side.path, "recipe": side.view.options.recipe, "on": side.view.options.on,
            "seed": side.view.options.seed, "best_round": side.view.kept_round(),
            "seconds": side.view.rounds.iter().map(|round| round.seconds).sum::<f64>(), "metrics": metrics,
        })
    };
    let pair = |pair: &Pair| json!({ "run": sides[pair.other].path, "to": sides[0].path, "metric": pair.name, "difference": pair.difference });
    json!({
        "runs": sides.iter().map(run).collect::<Vec<_>>(),
        "differences": pairs.iter().map(pair).collect::<Vec<_>>(),
    })
}
