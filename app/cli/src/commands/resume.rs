//! `resume`: go on with a run.

use std::path::PathBuf;

use clap::Args;
use faults::Outcome;

use super::finish;
use super::progress::Progress;
use crate::console::Console;
use crate::{places, stopping};

/// Continue a run that was stopped, killed or edited.
///
/// Stages that are complete and whose inputs have not changed are reused; the result is the same,
/// bit for bit, as that of a run that was never interrupted. If the run's recipe.toml was edited,
/// only the stages that the change affects run again.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  autodidact resume latest\n  autodidact why latest      what would run, and why")]
pub(crate) struct Arguments {
    /// The run folder, or `latest`.
    run: PathBuf,
    /// Print one JSON object, about the whole run, when it ends.
    #[arg(long)]
    json: bool,
    /// Print progress as plain lines, on a terminal too.
    #[arg(long)]
    plain: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let path = places::run(&arguments.run)?;
    let stop = stopping::on_request()?;
    let mut progress = Progress::new(console, arguments.plain);
    let ended = repeat::resume(&path, progress.bus(), &stop);
    finish::finish(progress, ended, Some(&path), console)
}
