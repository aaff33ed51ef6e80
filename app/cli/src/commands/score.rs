//! `score`: how likely a model finds the lines of a file.

use std::path::PathBuf;

use clap::Args;
use faults::Outcome;
use folder::LoadedModel;
use nouns::Generate;
use serde_json::json;

use super::columns::Naming;
use super::device::Device;
use super::stage::{Lines, Meter, Results};
use crate::console::Console;
use crate::places;
use crate::stopping;

/// Score every line of a file with a model: the log-probabilities of its tokens.
///
/// A line is {"text": "…"}, {"tokens": […]}, {"prompt": "…", "completion": "…"} (the completion
/// counts), or {"messages": […]} (what the assistant says counts). An `id` is repeated. With --out,
/// a command that was interrupted continues where it stopped.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The model's folder, a GGUF file, or a name that `cargo xtask models` knows.
    #[arg(value_parser = places::model())]
    model: PathBuf,
    /// The folder of an adapter (LoRA, as PEFT saves it) to apply to the model.
    #[arg(long, value_name = "DIR")]
    adapter: Option<PathBuf>,
    /// The device that computes.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// JSON lines (plain or gzip) or a Parquet file; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    naming: Naming,
    /// The file to write the scores to. By default standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Changes nothing: the scores are JSON lines already.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  autodidact score ./my-model texts.jsonl > scores.jsonl
  echo '{\"prompt\": \"2 + 2 =\", \"completion\": \" 4\"}' | autodidact score ./my-model -";

/// Lines in one call of the model.
const BATCH: usize = 256;

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let loaded = LoadedModel::open(&arguments.model, arguments.adapter.as_deref(), arguments.device.kind())?;
    let settings = json!({ "model": loaded.policy().digest(), "device": arguments.device.kind() });
    let lines = Lines::read(&arguments.file, &arguments.naming.read()?, &settings, None)?;
    let results = Results::open(console, arguments.out.as_deref(), &lines)?;
    let meter = Meter::new(console, stopping::on_request()?, lines.said.len(), results.done);
    let mut place = results.done;
    for some in lines.said[results.done..].chunks(BATCH) {
        for scored in loaded.scores(some, &meter)? {
            results.write(&lines, place, json!(scored))?;
            place += 1;
        }
        meter.lines_done(place);
    }
    meter.end("scored", arguments.out.as_ref());
    Ok(0)
}
