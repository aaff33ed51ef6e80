//! `bench`: how fast this program samples and trains, beside PyTorch where there is one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use faults::Outcome;
use repeat::bench::{SIZES, Speed, speed};
use serde::Serialize;
use serde_json::Value;

use crate::console::Console;
use crate::fault::CliFault;

/// Measure sampling and training at three sizes, side by side with PyTorch where it is installed
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  autodidact bench --python /tmp/torch/bin/python   (see benches/README.md)")]
pub(crate) struct Arguments {
    /// A Python that has torch and transformers: measured in the same run, at the same sizes
    #[arg(long, value_name = "PYTHON")]
    python: Option<PathBuf>,
    /// The rival's script
    #[arg(long, value_name = "FILE", default_value = "benches/rivals/torch_speed.py")]
    rival: PathBuf,
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
    threads: usize,
    repeats: usize,
    ours: Vec<Speed>,
    rival: Option<Value>,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let seconds = if arguments.quick { 0.2 } else { 1.0 };
    let rival = arguments.python.as_ref().map(|python| rival(python, arguments)).transpose()?;
    let ours = SIZES.iter().map(|size| speed(size, REPEATS, seconds)).collect::<Outcome<Vec<Speed>>>()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let table = Table { threads, repeats: REPEATS, ours, rival };
    match console.json {
        true => console.print_json(&table)?,
        false => console.print(&table.shown())?,
    }
    Ok(0)
}

fn rival(python: &Path, arguments: &Arguments) -> Outcome<Value> {
    let quick = arguments.quick.then_some("--quick");
    let output = Command::new(python).arg(&arguments.rival).args(quick).stderr(Stdio::inherit()).output();
    let failed = |why: String| CliFault::Rival { python: python.to_owned(), script: arguments.rival.clone(), why };
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()).into());
    }
    Ok(serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?)
}

impl Table {
    /// A Markdown table: tokens per second, the better of the rival's f32 and bf16, and the ratio.
    fn shown(&self) -> String {
        let mut text = format!(
            "Tokens per second, {} threads, medians of {}.\n\n| size | work | autodidact | PyTorch f32 | PyTorch bf16 | ratio to the better |\n|---|---|---:|---:|---:|---:|\n",
            self.threads, self.repeats
        );
        for speed in &self.ours {
            for (work, ours) in [("training", speed.training), ("decoding", speed.decoding)] {
                text += &self.row(speed.size, work, ours);
            }
        }
        text
    }

    fn row(&self, size: &str, work: &str, ours: f64) -> String {
        let rates = ["f32", "bf16"].map(|format| self.rival_rate(size, work, format));
        let best = rates
            .iter()
            .copied()
            .flatten()
            .fold(None, |best: Option<f64>, rate| Some(best.map_or(rate, |b| b.max(rate))));
        let shown = |rate: Option<f64>| rate.map_or("–".to_owned(), |rate| format!("{rate:.0}"));
        let ratio = best.map_or("–".to_owned(), |best| format!("{:.2}", ours / best));
        format!("| {size} | {work} | {ours:.0} | {} | {} | {ratio} |\n", shown(rates[0]), shown(rates[1]))
    }

    fn rival_rate(&self, size: &str, work: &str, format: &str) -> Option<f64> {
        let results = self.rival.as_ref()?["results"].as_array()?;
        results.iter().find(|result| result["size"] == size)?[work][format]["tokens_per_second"].as_f64()
    }
}
