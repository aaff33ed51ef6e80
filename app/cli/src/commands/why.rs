//! `why`: what is done, and why the next stage would run.

use std::path::{Path, PathBuf};

use clap::Args;
use faults::Outcome;
use repeat::Line;

use crate::console::Console;
use crate::places;

/// Show which stages of a run are done, and why the next one would run.
///
/// Nothing is changed. A stage runs again if its part of the recipe, the model, the seed, a part's
/// version or the stages it reads have changed, or if one of its files is damaged.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  autodidact why latest")]
pub(crate) struct Arguments {
    /// The run folder, or `latest`.
    run: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let path = places::run(&arguments.run)?;
    let lines = repeat::why(&path)?;
    if console.json {
        let untold: Vec<String> = untold(&path, &lines);
        console.print_json(&serde_json::json!({ "run": path, "stages": lines, "not_in_record": untold }))?;
        return Ok(0);
    }
    let rounds = lines.chunk_by(|a, b| a.round == b.round);
    let text: String = rounds.map(|lines| round(lines, console)).collect();
    let tail = match lines.iter().find(|line| !line.done) {
        Some(line) => {
            format!(
                "\n`autodidact resume {}` continues with `{}` of round {}.\n",
                path.display(),
                line.stage,
                line.round
            )
        }
        None => "\nEvery stage is done.\n".to_owned(),
    };
    let untold = untold(&path, &lines);
    let cut = match untold.is_empty() {
        true => String::new(),
        false => {
            let caution = console.style().caution("cut:");
            format!(
                "\n{caution} the record events.jsonl says nothing of {}; their outputs are whole.\n",
                untold.join(", ")
            )
        }
    };
    console.print(&(text + &cut + &tail))?;
    Ok(0)
}

/// The stages that the run's record leaves out, in words.
fn untold(path: &Path, lines: &[Line]) -> Vec<String> {
    repeat::unrecorded(path, lines).into_iter().map(|(round, stage)| format!("round {round} {stage}")).collect()
}

/// The stages of a round: those that are done on one line, what has to run on one of its own.
fn round(lines: &[Line], console: &Console) -> String {
    let style = console.style();
    let name = lines.first().map_or(0, |line| line.round);
    let done: Vec<&str> = lines.iter().filter(|line| line.done).map(|line| line.stage.as_str()).collect();
    let mut text = style.strong(&format!("round {name}"));
    if !done.is_empty() {
        text += &format!("  {} {}", style.good("done:"), done.join(", "));
    }
    text.push('\n');
    for line in lines.iter().filter(|line| !line.done) {
        let reason = line.reason.as_deref().unwrap_or("no reason is recorded");
        text += &format!("  {} {}: {reason}\n", style.caution("to run:"), line.stage);
    }
    text
}
