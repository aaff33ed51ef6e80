//! `inspect`: what a model's folder holds, or an adapter's.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use faults::Outcome;
use folder::{Contents, Inspected, Inspection, Load, inspect};

use crate::console::{Console, table};
use crate::places;

/// Show what the folder of a model or an adapter holds, and how much memory work with it takes.
///
/// Weights are not loaded: architecture, sizes, tokens and files are read, and memory is estimated.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder of a model or an adapter, or a GGUF file.
    #[arg(value_parser = places::model())]
    folder: PathBuf,
    /// Estimate memory for sampling this many sequences at a time.
    #[arg(long, value_name = "N", default_value_t = 16)]
    sequences: u64,
    /// Estimate memory for sequences of this many tokens, or of the model's context if that is
    /// shorter.
    #[arg(long, value_name = "N", default_value_t = 4096)]
    tokens: u64,
    /// Estimate memory for training with micro-batches of this many tokens (a learner's
    /// `batch.micro_tokens`).
    #[arg(long, value_name = "N", default_value_t = 1024)]
    train_tokens: u64,
    /// Estimate memory for training an adapter (LoRA) of this rank on every linear layer.
    #[arg(long = "lora", alias = "lora-rank", value_name = "RANK", default_value_t = 16)]
    lora_rank: usize,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  autodidact inspect ./my-model
  autodidact inspect ./my-model --sequences 64 --tokens 1024 --json
  autodidact inspect ./adapter";

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let Arguments { sequences, tokens, train_tokens, lora_rank, .. } = *arguments;
    let found = inspect(&arguments.folder, Load { sequences, tokens, train_tokens, rank: lora_rank })?;
    match console.json {
        true => console.print_json(&found)?,
        false => console.print(&shown(&found))?,
    }
    Ok(0)
}

fn shown(found: &Inspection) -> String {
    let (rows, memory) = match &found.contents {
        Contents::Model(model) => (of_model(model), of_memory(model)),
        Contents::Adapter {
            rank,
            alpha,
            scale,
            rslora,
            dropout,
            targets,
            differs_by_module,
            dora,
            saved,
            base,
            numbers,
            kind,
        } => {
            let rule = if *rslora { "alpha / √rank" } else { "alpha / rank" };
            let kind = if *dora { "DoRA" } else { kind };
            let differs = if *differs_by_module { "; some modules have their own" } else { "" };
            let said =
                format!("{kind}, rank {rank}, alpha {alpha}, scale {scale} ({rule}){differs}, dropout {dropout}");
            let whole = (!saved.is_empty()).then(|| format!("; whole: {}", saved.join(", ")));
            let rows = vec![
                ("adapter", said),
                ("layers", targets.join(", ") + &whole.unwrap_or_default()),
                ("base", base.clone().unwrap_or_else(|| "not named".into())),
                ("weights", formats(numbers)),
            ];
            (rows, String::new())
        }
    };
    let files = found.files.iter().map(|file| vec![file.name.clone(), bytes(file.bytes)]).collect::<Vec<_>>();
    format!("{}{memory}files\n{}", table::described(rows), table::aligned(&files))
}

fn of_model(model: &Inspected) -> Vec<(&'static str, String)> {
    let tied = if model.tied_head { "shared with the output head" } else { "beside an output head of their own" };
    let windows = model.windows.map(|(layers, width)| format!(", {layers} layers see {width} tokens"));
    let rope = match (model.rope, model.rope_theta) {
        (Some(kind), Some(theta)) => format!("rotary, {kind}, base {theta}"),
        _ => "learned".into(),
    };
    let special = model.special_tokens.iter().map(|(role, (text, id))| format!("{role} {text} ({id})"));
    let tokens = match &model.tokenizer_fault {
        Some(why) => format!("unreadable: {why}"),
        None => special.collect::<Vec<_>>().join(", "),
    };
    vec![
        ("model", model.architecture.clone()),
        (
            "parameters",
            format!(
                "{}, {} of them embeddings, {tied}",
                millions(model.parameters),
                millions(model.embedding_parameters)
            ),
        ),
        ("layers", format!("{} of width {}, feed-forward {}", model.layers, model.width, model.feed_forward)),
        (
            "heads",
            format!("{} of width {}, {} for keys and values", model.heads, model.head_dim, model.key_value_heads),
        ),
        ("context", format!("{} tokens{}", model.context, windows.unwrap_or_default())),
        ("positions", rope),
        ("weights", formats(&model.numbers)),
        ("vocabulary", model.vocabulary.to_string()),
        ("special tokens", tokens),
        ("chat template", chat_template(model)),
    ]
}

fn chat_template(model: &Inspected) -> String {
    let file = model.chat_template.map_or("none".into(), |file| format!("in {file}"));
    std::iter::once(file.as_str()).chain(model.chat_history.iter().copied()).collect::<Vec<_>>().join(". ")
}

fn of_memory(model: &Inspected) -> String {
    let line = |(name, size): &(&str, u64)| format!("{name} {}", bytes(*size));
    let rows = model.memory.iter().map(|need| {
        let parts: Vec<String> = need.parts.iter().map(line).collect();
        format!("  {}: {} ({})\n", need.work, bytes(need.bytes), parts.join(" + "))
    });
    format!("memory, computed in f32\n{}", rows.collect::<String>())
}

fn formats(numbers: &BTreeMap<String, u64>) -> String {
    let one = |(format, count): (&String, &u64)| format!("{} in {format}", millions(*count));
    numbers.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn millions(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{:.2} M", count as f64 / 1e6),
        10_000_000..10_000_000_000 => format!("{:.0} M", count as f64 / 1e6),
        _ => format!("{:.1} G", count as f64 / 1e9),
    }
}

fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{:.1} KiB", count as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", count as f64 / 1_048_576.0),
        _ => format!("{:.2} GiB", count as f64 / 1_073_741_824.0),
    }
}
