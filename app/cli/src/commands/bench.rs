//! `bench`: how fast this program samples and trains, beside PyTorch where there is one, and how fast its searches grow.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use clap::builder::PossibleValuesParser;
use faults::Outcome;
use repeat::DeviceKind;
use repeat::bench::{Recomputing, SIZES, SearchSpeed, Size, Speed, recomputing, searches, speed, usual};
use serde::Serialize;
use serde_json::Value;

use super::device::Device;
use super::iterations::{self, Iterations};
use crate::console::Console;
use crate::fault::CliFault;

/// Measure sampling and training at several sizes, side by side with PyTorch where it is installed
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  autodidact bench --python /tmp/torch/bin/python   (see benches/README.md)")]
pub(crate) struct Arguments {
    /// A Python that has torch and transformers: measured in the same run, at the same sizes
    #[arg(long, value_name = "PYTHON")]
    python: Option<PathBuf>,
    /// Measure decoding with llama.cpp, too: that Python has llama-cpp-python and gguf
    #[arg(long, requires = "python", conflicts_with_all = ["iterations", "device", "rival"])]
    llama: bool,
    /// The rival's script, if it is not the one below benches/rivals
    #[arg(long, value_name = "FILE")]
    rival: Option<PathBuf>,
    /// Measure whole iterations instead: 64 answers of 64 tokens sampled, credited and learned from in one update, beside TRL's trainer
    #[arg(long)]
    iterations: bool,
    /// Measure another device than the processor (a name that `doctor` lists), beside PyTorch on CUDA
    #[arg(long, value_name = "DEVICE", conflicts_with_all = ["iterations", "searches", "recompute"])]
    device: Option<Device>,
    /// Only these sizes, separated by commas
    #[arg(long, value_name = "SIZES", value_delimiter = ',', value_parser = PossibleValuesParser::new(SIZES.map(|size| size.name)))]
    sizes: Vec<String>,
    /// Measure searches instead: nodes per second and full batches, against one sequence at a time and against plain decoding
    #[arg(long, conflicts_with_all = ["python", "iterations"])]
    searches: bool,
    /// Measure instead what it costs, and saves, to compute again what happens inside of layers while learning from one long answer
    #[arg(long, conflicts_with_all = ["python", "iterations", "searches"])]
    recompute: bool,
    /// Shorter repeats, for trying out: the figures mean little
    #[arg(long)]
    quick: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Repeats of each figure, of which the median counts.
const REPEATS: usize = 5;

/// Ours, and the rival's own JSON object.
#[derive(Serialize)]
struct Table {
    device: &'static str,
    threads: usize,
    repeats: usize,
    ours: Vec<Speed>,
    rival: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    llama: Option<Value>,
}

/// The rivals' scripts for [`Table`].
const RIVAL: &str = "benches/rivals/torch_speed.py";
const LLAMA: &str = "benches/rivals/llama_speed.py";

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    if arguments.searches {
        let found = searches(if arguments.quick { 1 } else { REPEATS })?;
        return shown(console, &found, &shown_searches(&found));
    }
    let kind = arguments.device.map_or(DeviceKind::Cpu, Device::kind);
    let sizes: Vec<&Size> = match arguments.sizes.is_empty() {
        true => usual(kind).iter().collect(),
        false => SIZES.iter().filter(|size| arguments.sizes.iter().any(|name| name == size.name)).collect(),
    };
    if arguments.recompute {
        let repeats = if arguments.quick { 1 } else { REPEATS };
        let found = sizes.iter().map(|size| recomputing(size, repeats)).collect::<Outcome<Vec<_>>>()?;
        return shown(console, &found, &shown_recomputing(&found));
    }
    let rival = |script| arguments.python.as_ref().map(|python| rival(python, script, arguments)).transpose();
    if arguments.iterations {
        let measured = Iterations::measured(&sizes, REPEATS, rival(iterations::RIVAL)?)?;
        return shown(console, &measured, &measured.shown());
    }
    let seconds = if arguments.quick { 0.2 } else { 1.0 };
    let llama = if arguments.llama { rival(LLAMA)? } else { None };
    let rival = rival(RIVAL)?;
    let kinds = match kind {
        DeviceKind::Cpu => vec![DeviceKind::Cpu, DeviceKind::CpuBf16],
        other => vec![other],
    };
    let ours = sizes.into_iter().flat_map(|size| kinds.iter().map(move |&kind| (size, kind)));
    let ours = ours.map(|(size, kind)| {
        let (name, word) = (size.name, kind.word());
        let say = |work: &str, rate: f64| console.tell(&format!("{name} {work} on {word}: {rate:.0} tokens/s\n"));
        speed(size, kind, (REPEATS, seconds), &say)
    });
    let ours = ours.collect::<Outcome<Vec<Speed>>>()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let table = Table { device: kind.word(), threads, repeats: REPEATS, ours, rival, llama };
    shown(console, &table, &table.shown())
}

fn shown(console: &Console, json: &impl Serialize, text: &str) -> Outcome<u8> {
    match console.json {
        true => console.print_json(json)?,
        false => console.print(text)?,
    }
    Ok(0)
}

/// A Markdown table of searches.
fn shown_searches(searches: &[SearchSpeed]) -> String {
    let mut text = "| search | nodes | tokens | sequences in a decoding step | nodes per second | one sequence at a time | times as fast | share of the token floor |\n\
                    |---|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for SearchSpeed { search, nodes, tokens, batch, nodes_per_second, alone, of_floor } in searches {
        let times = nodes_per_second / alone;
        text += &format!(
            "| {search} | {nodes} | {tokens} | {batch:.0} | {nodes_per_second:.0} | {alone:.0} | {times:.1} | {of_floor:.2} |\n"
        );
    }
    text
}

/// A Markdown table of steps that keep what happens inside of layers, and of such that compute it again.
fn shown_recomputing(found: &[Recomputing]) -> String {
    let mut text = "| size | tokens | seconds a step, kept | computed again | times as long | peak memory, kept | computed again |\n\
                    |---|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let memory = |bytes: Option<u64>| bytes.map_or("–".to_owned(), |bytes| format!("{} MiB", bytes >> 20));
    for Recomputing { size, tokens, kept_seconds, again_seconds, again_bytes, kept_bytes } in found {
        let (times, kept, again) = (again_seconds / kept_seconds, memory(*kept_bytes), memory(*again_bytes));
        text += &format!(
            "| {size} | {tokens} | {kept_seconds:.2} | {again_seconds:.2} | {times:.2} | {kept} | {again} |\n"
        );
    }
    text
}

fn rival(python: &Path, script: &str, arguments: &Arguments) -> Outcome<Value> {
    let script = arguments.rival.clone().unwrap_or_else(|| script.into());
    let quick = (arguments.quick && !arguments.iterations).then_some("--quick");
    let sizes = (!arguments.sizes.is_empty()).then_some("--sizes");
    let mut command = Command::new(python);
    let card = arguments.device.is_some_and(|device| !device.kind().is_processor());
    let card = card.then_some(["--device", "cuda"]).into_iter().flatten();
    command.arg(&script).args(quick).args(card).args(sizes).args(&arguments.sizes).stderr(Stdio::inherit());
    let failed = |why: String| CliFault::Rival { python: python.to_owned(), script: script.clone(), why };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()).into());
    }
    Ok(serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?)
}

impl Table {
    /// A Markdown table: tokens per second, and the ratio of the better of ours to the better of the rival's.
    fn shown(&self) -> String {
        let (device, threads, repeats) = (self.device, self.threads, self.repeats);
        let mut text = format!("Tokens per second, {device}, {threads} threads, medians of {repeats}.\n\n");
        text += "| size | work | autodidact f32 | autodidact bf16 | PyTorch f32 | PyTorch bf16 | better to better |\n";
        text += "|---|---|---:|---:|---:|---:|---:|\n";
        let measured = |name: &&str| self.ours.iter().any(|speed| speed.size == *name);
        for size in SIZES.map(|size| size.name).into_iter().filter(measured) {
            for work in ["training", "decoding"] {
                text += &self.row(size, work);
            }
        }
        text + &self.llama_shown()
    }

    /// A second table, where llama.cpp was measured: decoding alone.
    fn llama_shown(&self) -> String {
        let Some(llama) = &self.llama else { return String::new() };
        let mut text = "\n| size | work | autodidact f32 | autodidact bf16 | llama.cpp f32 | llama.cpp bf16 | better to better |\n\
                        |---|---|---:|---:|---:|---:|---:|\n"
            .to_owned();
        for size in SIZES.map(|size| size.name) {
            let theirs = ["f32", "bf16"].map(|precision| rate(llama, size, "decoding", precision));
            if theirs.iter().any(Option::is_some) {
                let ours = ["f32", "bf16"].map(|precision| self.own_rate(size, "decoding", precision));
                text += &compared(size, "decoding", ours, theirs);
            }
        }
        text
    }

    fn row(&self, size: &str, work: &str) -> String {
        let ours = ["f32", "bf16"].map(|precision| self.own_rate(size, work, precision));
        let rival = ["f32", "bf16"].map(|precision| self.rival_rate(size, work, precision));
        compared(size, work, ours, rival)
    }

    fn own_rate(&self, size: &str, work: &str, precision: &str) -> Option<f64> {
        let speed = self.ours.iter().find(|speed| speed.size == size && speed.precision == precision)?;
        Some(if work == "training" { speed.training } else { speed.decoding })
    }

    fn rival_rate(&self, size: &str, work: &str, precision: &str) -> Option<f64> {
        rate(self.rival.as_ref()?, size, work, precision)
    }
}

/// What a rival's object says.
fn rate(rival: &Value, size: &str, work: &str, precision: &str) -> Option<f64> {
    let results = rival["results"].as_array()?;
    results.iter().find(|result| result["size"] == size)?[work][precision]["tokens_per_second"].as_f64()
}

/// A row of a table: both of ours, both of the rival's, and the better to the better.
fn compared(size: &str, work: &str, ours: [Option<f64>; 2], theirs: [Option<f64>; 2]) -> String {
    let best = |rates: [Option<f64>; 2]| rates.into_iter().flatten().reduce(f64::max);
    let shown = |rate: Option<f64>| rate.map_or("–".to_owned(), |rate| format!("{rate:.0}"));
    let ratio = best(ours).zip(best(theirs)).map_or("–".to_owned(), |(ours, theirs)| format!("{:.2}", ours / theirs));
    let [a, b, c, d] = [ours[0], ours[1], theirs[0], theirs[1]].map(shown);
    format!("| {size} | {work} | {a} | {b} | {c} | {d} | {ratio} |\n")
}
