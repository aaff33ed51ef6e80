//! `bench`: how fast this program samples, trains and searches, beside others where they are
//! installed.

mod curves;
mod iterations;
mod products;
mod recomputing;
mod rival;
mod searching;
mod speeds;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use bench::{SIZES, Size};
use clap::Args;
use clap::builder::PossibleValuesParser;
use faults::Outcome;
use repeat::DeviceKind;
use serde_json::{Map, Value};

use super::device::Device;
use crate::console::Console;
use crate::fault::CliFault;
use rival::Rival;

/// Measure the speed of sampling and training, beside PyTorch's if you have it.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  autodidact bench --python /tmp/torch/bin/python         (see benches/README.md)\n  \
                  autodidact bench --all --python /tmp/torch/bin/python   every table"
)]
pub(crate) struct Arguments {
    /// A Python with torch and transformers, to measure in the same run at the same sizes.
    #[arg(long, value_name = "PYTHON")]
    python: Option<PathBuf>,
    /// Measure decoding with llama.cpp too; that Python needs llama-cpp-python and gguf.
    #[arg(long, requires = "python", conflicts_with_all = ["device", "rivals"])]
    llama: bool,
    /// The folder of the scripts that measure the others.
    #[arg(long, value_name = "DIR", default_value = "benches/rivals")]
    rivals: PathBuf,
    /// Only these sizes, separated by commas.
    #[arg(long, value_name = "SIZES", value_delimiter = ',', value_parser = PossibleValuesParser::new(SIZES.map(|size| size.name)))]
    sizes: Vec<String>,
    /// Measure this device instead of the processor (`autodidact doctor` lists them), beside
    /// PyTorch on CUDA.
    #[arg(long, value_name = "DEVICE", conflicts_with_all = ["products", "iterations", "searches", "recompute", "curves", "all"])]
    device: Option<Device>,
    /// Measure the matrix products of training instead, beside PyTorch's.
    #[arg(long)]
    products: bool,
    /// Measure whole iterations of GRPO instead (answers of 64 tokens sampled, rewarded and learned
    /// from in one update), beside TRL's trainer.
    #[arg(long)]
    iterations: bool,
    /// Measure tree searches instead: nodes per second and how full batches are, beside one
    /// sequence at a time and plain decoding.
    #[arg(long)]
    searches: bool,
    /// Measure activation recomputation (gradient checkpointing) instead: its time and memory, on
    /// one long answer.
    #[arg(long)]
    recompute: bool,
    /// Measure learning curves in bf16 instead, beside those in f32.
    #[arg(long)]
    curves: bool,
    /// Measure everything, one after the other.
    #[arg(long)]
    all: bool,
    /// Measure briefly, to see that it runs: the figures mean little.
    #[arg(long)]
    quick: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Repeats of each figure, of which the median counts.
const REPEATS: usize = 5;

/// The part that is measured where none is named.
const SPEEDS: &str = "speeds";

/// What one part found: its JSON, and its tables.
struct Found {
    json: Value,
    text: String,
}

/// A part's name, whether it is asked for, and what measures it.
type Part = (&'static str, bool, fn(&Arguments, &Console) -> Outcome<Found>);

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let parts: [Part; 6] = [
        (SPEEDS, false, speeds::measured),
        ("products", arguments.products, products::measured),
        ("iterations", arguments.iterations, iterations::measured),
        ("searches", arguments.searches, searching::measured),
        ("recompute", arguments.recompute, recomputing::measured),
        ("curves", arguments.curves, curves::measured),
    ];
    let none = !parts.iter().any(|(_, asked, _)| *asked);
    let asked = |(number, (_, asked, _)): &(usize, &Part)| arguments.all || *asked || none && *number == 0;
    let asked: Vec<&Part> = parts.iter().enumerate().filter(asked).map(|(_, part)| part).collect();
    let [(_, _, measured)] = asked[..] else {
        let names: Vec<&'static str> = asked.iter().map(|(name, ..)| *name).collect();
        return arguments.each_by_itself(&names, console);
    };
    let found = measured(arguments, console)?;
    match console.json {
        true => console.print_json(&found.json)?,
        false => console.print(&found.text)?,
    }
    Ok(0)
}

impl Arguments {
    /// Several parts, each in a process of its own: its peak of memory is one of the figures.
    fn each_by_itself(&self, names: &[&'static str], console: &Console) -> Outcome<u8> {
        let mut found = Map::new();
        for (number, &name) in names.iter().enumerate() {
            let failed = |why: String| CliFault::Part { name, why };
            let output = self.process(name, console.json).and_then(|mut process| process.output());
            let output = output.map_err(|error| failed(error.to_string()))?;
            if !output.status.success() {
                return Err(failed(output.status.to_string()).into());
            }
            let text = String::from_utf8_lossy(&output.stdout);
            match console.json {
                true => {
                    let json = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
                    found.insert(name.to_owned(), json);
                }
                false => console.print(&format!("{}{text}", if number == 0 { "" } else { "\n" }))?,
            }
        }
        if console.json {
            console.print_json(&Value::Object(found))?;
        }
        Ok(0)
    }

    /// This program, asked for one part.
    fn process(&self, name: &str, json: bool) -> std::io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bench").arg("--rivals").arg(&self.rivals).stderr(Stdio::inherit());
        match name {
            SPEEDS => command.args(self.llama.then_some("--llama")),
            other => command.arg(format!("--{other}")),
        };
        command.args(self.python.iter().flat_map(|python| [OsStr::new("--python"), python.as_os_str()]));
        command.args((!self.sizes.is_empty()).then(|| format!("--sizes={}", self.sizes.join(","))));
        command.args(self.quick.then_some("--quick")).args(json.then_some("--json"));
        Ok(command)
    }

    fn kind(&self) -> DeviceKind {
        self.device.map_or(DeviceKind::Cpu, Device::kind)
    }

    /// The sizes that are asked for, or those that are usual.
    fn sizes_or(&self, usual: &'static [Size]) -> Vec<&'static Size> {
        match self.sizes.is_empty() {
            true => usual.iter().collect(),
            false => SIZES.iter().filter(|size| self.sizes.iter().any(|name| name == size.name)).collect(),
        }
    }

    fn repeats(&self) -> usize {
        if self.quick { 1 } else { REPEATS }
    }

    /// What a script of the rivals' says, if there is a Python.
    fn rival(&self, script: &str, sizes: &[&Size]) -> Outcome<Option<Value>> {
        let Some(python) = &self.python else { return Ok(None) };
        let sizes = sizes.iter().map(|size| size.name).collect();
        Rival { python, script: self.rivals.join(script), sizes, card: !self.kind().is_processor() }
            .says(self.quick)
            .map(Some)
    }
}
