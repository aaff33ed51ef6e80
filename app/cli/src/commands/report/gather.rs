//! Everything that the report shows, from the run folder.

use std::path::Path;

use dashboard::{Ending, Gate, HeldOut, Report, RoundCost, Word};
use events::{Event, Line};
use faults::Outcome;
use repeat::View;
use store::RunFolder;

use super::{charts, samples, trees};
use crate::places;

/// Reads a run. What is not there yet is left out.
pub(super) fn report(run: &Path) -> Outcome<Report> {
    let folder = RunFolder::read_only(run)?;
    let view = View::open(run)?;
    // A run that has only just begun has no record yet.
    let record = store::read_text(&folder.events_path()).unwrap_or_default();
    let lines: Vec<Line> = events::read_lines(&record).collect();
    let mut report = Report {
        name: places::name(run),
        recipe: view.options.recipe.clone(),
        world: view.options.on.clone(),
        model: view.options.model.as_ref().map_or_else(|| "from nothing".to_owned(), |path| path.display().to_string()),
        charts: charts::all(&view, &lines),
        rounds: costs(&lines),
        recipe_toml: view.recipe_toml.clone(),
        environment: environment(&view),
        ..Report::default()
    };
    lines.into_iter().for_each(|line| hear(&mut report, line.event));
    let samples::Chosen { samples, attempts, pictures } = samples::chosen(&folder, &view)?;
    (report.samples, report.attempts, report.pictures) = (samples, attempts, pictures);
    report.tree = trees::one(&folder, &view);
    Ok(report)
}

fn environment(view: &View) -> Vec<(String, String)> {
    let rows = [
        ("autodidact", view.environment.version.clone()),
        ("platform", view.environment.platform.clone()),
        ("device", format!("{:?}", view.options.device).to_lowercase()),
        ("seed", view.options.seed.to_string()),
        ("budget", budget(view)),
    ];
    rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn budget(view: &View) -> String {
    let time = view.options.budget.seconds.map(events::duration);
    let tokens = view.options.budget.tokens.map(|tokens| format!("{tokens} tokens"));
    time.into_iter().chain(tokens).collect::<Vec<_>>().join(", ")
}

/// What the record tells that stands in the report as it was told.
fn hear(report: &mut Report, event: Event) {
    match event {
        Event::HeldOut { dropped, by } => report.held_out.push(HeldOut { dropped, by }),
        Event::Warned { what } => report.warnings.push(what),
        Event::CheckpointDamaged { path, why, instead } => {
            report.warnings.push(format!("{path}: {why}; {instead}"));
        }
        Event::ExampleShown { words, .. } => {
            report.example = words.into_iter().map(|word| Word { text: word.text, taught: word.taught }).collect();
        }
        Event::GateDecided { round, promoted, kept_round, why } => {
            report.gates.push(Gate { round, promoted, kept: kept_round, why });
        }
        Event::Ended { learned, why, best_round, seconds } => {
            report.ending = Some(Ending { learned, why, best_round, seconds });
        }
        _ => {}
    }
}

/// Seconds and tokens of every stage that ended.
fn costs(lines: &[Line]) -> Vec<RoundCost> {
    let mut costs: Vec<RoundCost> = Vec::new();
    for line in lines {
        let Event::StageFinished { round, stage, facts, seconds } = &line.event else { continue };
        if costs.last().is_none_or(|last| last.round != *round) {
            costs.push(RoundCost { round: *round, ..RoundCost::default() });
        }
        let Some(cost) = costs.last_mut() else { continue };
        let tokens = |name: &str| facts.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
        cost.stages.push((stage.clone(), *seconds));
        cost.generated += tokens("generated_tokens");
        cost.trained += tokens("trained_tokens");
    }
    costs
}
