//! `report`: a run as one HTML file.

mod charts;
mod gather;
mod samples;
mod trees;

use std::path::PathBuf;

use clap::Args;
use faults::Outcome;
use store::Disk;

use crate::console::Console;
use crate::places;

/// Write everything about a run into one HTML file.
///
/// It has curves, the recipe, the gate's decisions, samples with their verdicts, and costs, and
/// needs neither network nor other files. A run that has not ended can be reported too.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  autodidact report latest\n  autodidact report runs/a --out a.html")]
pub(crate) struct Arguments {
    /// The run folder, or `latest`.
    run: PathBuf,
    /// The file to write. By default `report.html` in the run folder.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object, with the path of the file.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let run = places::run(&arguments.run)?;
    let report = gather::report(&run)?;
    let path = arguments.out.clone().unwrap_or_else(|| run.join("report.html"));
    Disk::real().write_file(&path, dashboard::report(&report).as_bytes())?;
    match console.json {
        true => console.print_json(&serde_json::json!({ "run": run, "report": path }))?,
        false => console.print(&format!("{}\n", path.display()))?,
    }
    Ok(0)
}
