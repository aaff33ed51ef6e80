//! `doctor`: what this machine has, and what is missing.

use clap::Args;
use faults::Outcome;
use repeat::DeviceKind;
use serde::Serialize;

use super::device::Device;
use crate::console::{Console, table};

/// Show what this machine and this binary can do, and what is missing.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  autodidact doctor --device vulkan")]
pub(crate) struct Arguments {
    /// Compare every operation and its gradient on this device with the processor's: some drivers
    /// compute wrong numbers.
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The findings.
#[derive(Serialize)]
struct Findings {
    version: &'static str,
    platform: String,
    cores: usize,
    instructions: String,
    devices: Vec<&'static str>,
    memory_bytes: Option<u64>,
    free_memory_bytes: Option<u64>,
    /// Multiply-adds alone: the ceiling.
    peak_gflops: f64,
    /// A matrix product of a training step.
    matrix_gflops: f64,
    /// How far the asked device's operations are from the processor's, relative to the greatest
    /// number.
    agreements: Vec<Differs>,
    /// What would make it better, a sentence each. Nothing here stops a run.
    missing: Vec<String>,
}

/// How far one operation is from the processor's.
#[derive(Serialize)]
struct Differs {
    operation: &'static str,
    value: f32,
    gradient: f32,
}

/// Rounding is below this; what is above is a driver that computes something else. Ours.
const ROUNDING: f32 = 1e-3;

/// Below this much free memory a model of the default size may not train; ours.
const LITTLE_MEMORY: u64 = 1 << 30;

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let mut findings = examine();
    if let Some(asked) = arguments.device {
        findings.agreements = agreements(asked.kind())?;
        findings.missing.extend(findings.agreements.iter().filter(|differs| differs.is_wrong()).map(Differs::warning));
    }
    match console.json {
        true => console.print_json(&findings)?,
        false => console.print(&findings.shown(console))?,
    }
    Ok(0)
}

fn examine() -> Findings {
    let instructions = kernels::path();
    let free = checkpoint::available_bytes();
    Findings {
        version: env!("CARGO_PKG_VERSION"),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        instructions: format!("{instructions:?}").to_lowercase(),
        devices: devices(),
        memory_bytes: memory(),
        free_memory_bytes: free,
        peak_gflops: kernels::peak_gflops(kernels::Precision::F32),
        matrix_gflops: kernels::measured_gflops(),
        agreements: Vec::new(),
        missing: missing(instructions, free),
    }
}

fn agreements(kind: DeviceKind) -> Outcome<Vec<Differs>> {
    let differs = |found: kernels::Agreement| Differs {
        operation: found.operation,
        value: found.value,
        gradient: found.gradient,
    };
    Ok(repeat::agreements(kind)?.into_iter().map(differs).collect())
}

impl Differs {
    fn is_wrong(&self) -> bool {
        // a number that is none is no agreement either
        !(self.value < ROUNDING && self.gradient < ROUNDING)
    }

    fn warning(&self) -> String {
        let Differs { operation, value, gradient } = self;
        format!(
            "The device's {operation} is not the processor's (value off by {value:.0e}, gradient by {gradient:.0e}): do not trust it, and try another driver."
        )
    }
}

fn devices() -> Vec<&'static str> {
    let all =
        [("cuda", cfg!(feature = "cuda")), ("vulkan", cfg!(feature = "vulkan")), ("metal", cfg!(feature = "metal"))];
    std::iter::once("cpu").chain(all.into_iter().filter(|(_, has)| *has).map(|(name, _)| name)).collect()
}

/// All memory, where the system tells.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes: u64 =
        text.lines().find(|line| line.starts_with("MemTotal:"))?.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

fn missing(instructions: kernels::Path, free: Option<u64>) -> Vec<String> {
    let mut missing = Vec::new();
    if cfg!(debug_assertions) {
        missing.push("This is a debug build: `cargo build --release` makes a faster one.".to_owned());
    }
    if instructions == kernels::Path::Portable && cfg!(target_arch = "x86_64") {
        missing.push("The processor has no AVX2: training will be slow.".to_owned());
    }
    if free.is_some_and(|free| free < LITTLE_MEMORY) {
        missing.push("Less than 1 GiB of memory is free: a run may be refused.".to_owned());
    }
    if devices().len() == 1 {
        missing.push(
            "Only the processor is used: `cargo build --release --features vulkan` (or cuda, metal) adds GPUs."
                .to_owned(),
        );
    }
    missing
}

impl Findings {
    fn shown(&self, console: &Console) -> String {
        let gibibytes = |bytes: Option<u64>| {
            bytes.map_or("unknown".to_owned(), |bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)))
        };
        let rows = [
            ("autodidact", self.version.to_owned()),
            ("platform", self.platform.clone()),
            ("cores", self.cores.to_string()),
            ("instructions", self.instructions.clone()),
            ("devices", self.devices.join(", ")),
            ("memory", format!("{}, {} free", gibibytes(self.memory_bytes), gibibytes(self.free_memory_bytes))),
            ("matrix rate", format!("{:.0} GFLOP/s measured, {:.0} at most", self.matrix_gflops, self.peak_gflops)),
            ("python, torch", "not needed".to_owned()),
        ];
        let differs = self.agreements.iter().map(|differs| {
            (differs.operation, format!("value off by {:.0e}, gradient by {:.0e}", differs.value, differs.gradient))
        });
        let notes: String =
            self.missing.iter().map(|note| format!("{} {note}\n", console.style().hint("note:"))).collect();
        let verdict = match self.agreements.iter().any(Differs::is_wrong) {
            true => console.style().hint("Ready, but not on that device."),
            false => console.style().good("Ready."),
        };
        format!(
            "{}\n{notes}{verdict} Try `autodidact run expert-iteration --on game24`.\n",
            table::described(rows.into_iter().chain(differs))
        )
    }
}
