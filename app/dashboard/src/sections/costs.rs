//! Seconds and tokens, by round and stage.

use super::table;
use crate::escape::html;
use crate::figures::{count, duration};
use crate::{Report, RoundCost};

pub(super) fn body(report: &Report) -> String {
    if report.rounds.is_empty() {
        return String::new();
    }
    let stages = stages(&report.rounds);
    let figures = ["generated", "trained", "time"].map(str::to_owned);
    let head: Vec<String> =
        std::iter::once("round".to_owned()).chain(figures).chain(stages.iter().map(|stage| html(stage))).collect();
    let mut rows: Vec<Vec<String>> = report.rounds.iter().map(|round| row(&name(round), round, &stages)).collect();
    rows.push(row("all", &total(&report.rounds, &stages), &stages));
    table("Tokens and time by round, and time by stage", &head, &rows)
}

fn name(round: &RoundCost) -> String {
    if round.round == 0 { "base".to_owned() } else { round.round.to_string() }
}

/// Every stage that any round has, in the order they first ran.
fn stages(rounds: &[RoundCost]) -> Vec<String> {
    let mut stages: Vec<String> = Vec::new();
    let longest = rounds.iter().max_by_key(|round| round.stages.len());
    for (stage, _) in longest.into_iter().chain(rounds).flat_map(|round| &round.stages) {
        if !stages.contains(stage) {
            stages.push(stage.clone());
        }
    }
    stages
}

fn row(name: &str, round: &RoundCost, stages: &[String]) -> Vec<String> {
    let of_stage = |stage: &String| {
        let found = round.stages.iter().find(|(name, _)| name == stage);
        found.map(|(_, seconds)| duration(*seconds)).unwrap_or_default()
    };
    let figures = [name.to_owned(), count(round.generated), count(round.trained), duration(round.seconds())];
    figures.into_iter().chain(stages.iter().map(of_stage)).collect()
}

fn total(rounds: &[RoundCost], stages: &[String]) -> RoundCost {
    let of_stage = |stage: &String| {
        let seconds = rounds.iter().flat_map(|round| &round.stages).filter(|(name, _)| name == stage);
        (stage.clone(), seconds.map(|(_, seconds)| seconds).sum())
    };
    RoundCost {
        round: 0,
        stages: stages.iter().map(of_stage).collect(),
        generated: rounds.iter().map(|round| round.generated).sum(),
        trained: rounds.iter().map(|round| round.trained).sum(),
    }
}
