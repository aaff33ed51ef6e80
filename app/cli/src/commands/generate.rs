//! `generate`: answers to the lines of a file.

use std::path::PathBuf;

use clap::Args;
use faults::Outcome;
use folder::{Generate, LoadedModel, Sample};
use nouns::Generate as _;
use serde_json::{Value, json};
use sources::prompting::Extract;
use sources::{Options, Prompting, Questions};

use super::columns::Naming;
use super::device::Device;
use super::draws::Draws;
use super::prompting::Asking;
use super::stage::{Lines, Meter, Results};
use crate::console::Console;
use crate::places;
use crate::stopping;

/// Answer every line of a file with a model: JSON lines in and out.
///
/// A line is {"prompt": "…"} (continued as it is), {"messages": […]} (through the model's chat
/// template) or {"tokens": […]}; an `id` is copied to the answer. With a flag that says how
/// questions are put (--system, --few-shot, --template, --as-text) a line is a record of
/// a data file, {"question": "…"} for example, and is put as `run` and `evaluate` put it. With
/// --out, a command that was interrupted continues where it stopped.
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
    #[command(flatten)]
    asking: Asking,
    /// Answers to draw for each line.
    #[arg(long, visible_alias = "n", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: u32,
    #[command(flatten)]
    draws: Draws,
    /// Seed of every random draw: the same seed gives the same result.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The file to write the answers to. By default standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Changes nothing: the answers are JSON lines already.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  autodidact generate ./my-model prompts.jsonl --greedy > answers.jsonl
  autodidact generate ./my-model prompts.jsonl --samples 16 --temperature 0.8 --out out.jsonl
  autodidact generate ./my-model questions.jsonl --among Yes --among No --greedy
  autodidact generate ./my-model gsm8k.jsonl --few-shot train.jsonl:4 --extract '#### (.+)'";

/// What ends an answer where everything is one text: solved questions stand apart by it.
const APART: &str = "\n\n";

/// Sequences in one call of the model: enough to keep it busy; what a crash costs at most.
const BATCH: usize = 512;

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let mut prompting = arguments.asking.read()?;
    let asked = Prompting { extract: None, ..prompting.clone() } != Prompting::default();
    let open = if prompting.as_text { LoadedModel::open_without_chat } else { LoadedModel::open };
    let loaded = open(&arguments.model, arguments.adapter.as_deref(), arguments.device.kind())?;
    if prompting.few_shot.is_some() && loaded.policy().tokens().chat().is_none() {
        prompting.as_text = true;
    }
    let mut sampling = arguments.draws.over(loaded.defaults());
    if prompting.as_text && sampling.stop.is_empty() && sampling.among.is_empty() {
        sampling.stop = vec![APART.to_owned()];
    }
    let generate = Generate { sampling, per_line: arguments.samples, seed: arguments.seed };
    let mut settings = json!({
        "model": loaded.policy().digest(),
        "device": arguments.device.kind(),
        "sampling": generate.sampling,
        "n": generate.per_line,
        "seed": generate.seed,
    });
    let columns = arguments.naming.read()?;
    let extract = prompting.extract.clone();
    let questions = match asked {
        true => {
            settings["prompting"] = arguments.asking.settings()?.into();
            let options = Options { columns: columns.clone(), prompting, ..Options::default() };
            Some(Questions::of(&arguments.file, &options)?)
        }
        false => None,
    };
    let lines = Lines::read(&arguments.file, &columns, &settings, questions.as_ref())?;
    let results = Results::open(console, arguments.out.as_deref(), &lines)?;
    let meter = Meter::new(console, stopping::on_request()?, lines.said.len(), results.done);
    let mut place = results.done;
    for some in lines.said[results.done..].chunks((BATCH / arguments.samples as usize).max(1)) {
        for samples in generate.answers(&loaded, some, &meter)? {
            results.write(&lines, place, json!({ "completions": with_extracts(&samples, extract.as_ref()) }))?;
            place += 1;
        }
        meter.lines_done(place);
    }
    meter.end("answered", arguments.out.as_ref());
    Ok(0)
}

/// The answers, each with what the pattern matches of it (`extracted`, or null).
fn with_extracts(samples: &[Sample], extract: Option<&Extract>) -> Value {
    let mut all = json!(samples);
    if let (Some(extract), Some(list)) = (extract, all.as_array_mut()) {
        for (one, sample) in list.iter_mut().zip(samples) {
            let found = extract.of(&sample.text);
            one["extracted"] = if found.is_empty() { Value::Null } else { found.into() };
        }
    }
    all
}
