//! Sampling and training at several sizes, beside PyTorch and llama.cpp.

use bench::{Machine, SIZES, Speed, speed, usual};
use faults::Outcome;
use repeat::DeviceKind;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Arguments, Found, REPEATS};
use crate::console::Console;

/// Ours, and the rivals' own JSON objects.
#[derive(Serialize)]
struct Table {
    device: &'static str,
    threads: usize,
    repeats: usize,
    machine: Option<Machine>,
    ours: Vec<Speed>,
    rival: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    llama: Option<Value>,
}

/// The rivals' scripts.
const RIVAL: &str = "torch_speed.py";
const LLAMA: &str = "llama_speed.py";
/// The size at which llama.cpp is measured where none is asked for: the smallest that people use.
const LARGE: usize = 4;

pub(super) fn measured(arguments: &Arguments, console: &Console) -> Outcome<Found> {
    let kind = arguments.kind();
    let sizes = arguments.sizes_or(usual(kind));
    let seconds = if arguments.quick { 0.2 } else { 1.0 };
    let llama =
        if arguments.llama { arguments.rival(LLAMA, &arguments.sizes_or(&SIZES[LARGE..=LARGE]))? } else { None };
    let kinds = match kind {
        DeviceKind::Cpu => vec![DeviceKind::Cpu, DeviceKind::CpuBf16],
        other => vec![other],
    };
    let machine = kind.is_processor().then(Machine::measured);
    let (mut ours, mut rival) = (Vec::new(), None);
    for size in sizes {
        // Size by size, because machines drift within minutes.
        rival = joined(rival, arguments.rival(RIVAL, &[size])?);
        for &kind in &kinds {
            let (name, word) = (size.name, kind.word());
            let say = |work: &str, rate: f64| console.tell(&format!("{name} {work} on {word}: {rate:.0} tokens/s\n"));
            ours.push(speed(size, kind, machine.as_ref(), (REPEATS, seconds), &say)?);
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let table = Table { device: kind.word(), threads, repeats: REPEATS, machine, ours, rival, llama };
    Ok(Found { text: table.shown(), json: json!(table) })
}

impl Table {
    /// A Markdown table: tokens per second, the ratio of the better of ours to the better of the
    /// rival's, and the share of its floor that the better of ours has.
    fn shown(&self) -> String {
        let (device, threads, repeats) = (self.device, self.threads, self.repeats);
        let mut text = format!("Tokens per second, {device}, {threads} threads, medians of {repeats}.");
        if let Some(Machine { f32_gflops, bf16_gflops, read_gigabytes }) = self.machine {
            text += &format!(
                " The floor: {f32_gflops:.0} GFLOP/s in f32, {bf16_gflops:.0} in bf16, {read_gigabytes:.0} GB/s read."
            );
        }
        text += "\n\n| size | work | autodidact f32 | autodidact bf16 | PyTorch f32 | PyTorch bf16 | better to better | of the floor |\n\
                 |---|---|---:|---:|---:|---:|---:|---:|\n";
        for size in self.sizes() {
            for work in ["training", "decoding"] {
                let theirs = ["f32", "bf16"].map(|precision| rate(self.rival.as_ref()?, size, work, precision));
                text += &self.row(size, work, theirs);
            }
        }
        text + &self.llama_shown()
    }

    /// A second table, where llama.cpp was measured: decoding alone.
    fn llama_shown(&self) -> String {
        let Some(llama) = &self.llama else { return String::new() };
        let mut text = "\n| size | work | autodidact f32 | autodidact bf16 | llama.cpp f32 | llama.cpp bf16 | better to better | of the floor |\n\
                        |---|---|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
        for size in self.sizes() {
            let theirs = ["f32", "bf16"].map(|precision| rate(llama, size, "decoding", precision));
            if theirs.iter().any(Option::is_some) {
                text += &self.row(size, "decoding", theirs);
            }
        }
        text
    }

    /// The sizes that were measured, smallest first.
    fn sizes(&self) -> impl Iterator<Item = &'static str> {
        SIZES.iter().map(|size| size.name).filter(|name| self.ours.iter().any(|speed| speed.size == *name))
    }

    /// Both of ours, both of the rival's, the better to the better, and the better of ours to its
    /// floor.
    fn row(&self, size: &str, work: &str, theirs: [Option<f64>; 2]) -> String {
        let ours = ["f32", "bf16"].map(|precision| self.own(size, work, precision));
        let rates = ours.map(|own| own.map(|(rate, _)| rate));
        let best = |rates: [Option<f64>; 2]| rates.into_iter().flatten().reduce(f64::max);
        let ratio = best(rates).zip(best(theirs)).map(|(ours, theirs)| ours / theirs);
        let of_floor = ours.into_iter().flatten().reduce(|a, b| if b.0 > a.0 { b } else { a }).and_then(|best| best.1);
        let shown = |number: Option<f64>, digits: usize| number.map_or("–".to_owned(), |x| format!("{x:.digits$}"));
        let [a, b, c, d] = [rates[0], rates[1], theirs[0], theirs[1]].map(|rate| shown(rate, 0));
        format!("| {size} | {work} | {a} | {b} | {c} | {d} | {} | {} |\n", shown(ratio, 2), shown(of_floor, 2))
    }

    /// Tokens per second, and the share of the floor.
    fn own(&self, size: &str, work: &str, precision: &str) -> Option<(f64, Option<f64>)> {
        let speed = self.ours.iter().find(|speed| speed.size == size && speed.precision == precision)?;
        Some(match work {
            "training" => (speed.training, speed.training_of_floor),
            _ => (speed.decoding, speed.decoding_of_floor),
        })
    }
}

/// A rival's object with the results of another.
fn joined(all: Option<Value>, more: Option<Value>) -> Option<Value> {
    match (all, more) {
        (Some(mut all), Some(more)) => {
            if let (Some(results), Some(further)) = (all["results"].as_array_mut(), more["results"].as_array()) {
                results.extend(further.iter().cloned());
            }
            Some(all)
        }
        (all, more) => all.or(more),
    }
}

/// What a rival's object says.
fn rate(rival: &Value, size: &str, work: &str, precision: &str) -> Option<f64> {
    let results = rival["results"].as_array()?;
    results.iter().find(|result| result["size"] == size)?[work][precision]["tokens_per_second"].as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_of_ours_counts_against_the_better_of_theirs() {
        let speed = |precision, training, of_floor| Speed {
            size: "0.8M",
            device: "cpu",
            precision,
            parameters: 1,
            training,
            decoding: 7.0,
            training_of_floor: Some(of_floor),
            decoding_of_floor: None,
        };
        let rival = json!({ "results": [{ "size": "0.8M", "training": { "f32": { "tokens_per_second": 50.0 } } }] });
        let ours = vec![speed("f32", 100.0, 0.5), speed("bf16", 150.0, 0.4)];
        let table =
            Table { device: "cpu", threads: 2, repeats: 5, machine: None, ours, rival: Some(rival), llama: None };
        let more = json!({ "results": [{ "size": "5M" }] });
        assert_eq!(
            joined(table.rival.clone(), Some(more)).and_then(|all| all["results"].as_array().map(Vec::len)),
            Some(2)
        );
        let shown = table.shown();
        assert!(shown.contains("| 0.8M | training | 100 | 150 | 50 | – | 3.00 | 0.40 |"), "{shown}");
        assert!(shown.contains("| 0.8M | decoding | 7 | 7 | – | – | – | – |"), "{shown}");
    }
}
