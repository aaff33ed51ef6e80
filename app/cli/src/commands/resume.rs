//! `resume`: go on with a run.

use std::path::PathBuf;

use clap::Args;
use faults::Outcome;

use super::finish;
use super::progress::Progress;
use crate::console::Console;
use crate::{places, stopping};

/// Go on with a run that was stopped, killed or edited.
///
/// What is whole and was made from the same inputs is used again; the result is the same, bit for
/// bit, as if the run had never been interrupted. Editing the run's recipe.toml first does again
/// only what the change touches.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  autodidact resume latest\n  autodidact why latest      what would be done, and why"
)]
pub(crate) struct Arguments {
    /// The run folder, or `latest`.
    run: PathBuf,
    /// Print one JSON object about the run to standard output, and nothing else there.
    #[arg(long)]
    json: bool,
    /// Plain lines of progress, also on a terminal.
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
