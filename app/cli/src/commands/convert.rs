//! `convert`: a model folder in another number format, or with an adapter merged into it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use faults::Outcome;
use folder::Convert;
use repeat::NumberFormat;

use crate::console::Console;

/// Write a model folder anew: in another number format, with an adapter merged, in one file.
///
/// The tokenizer, the chat template and every other file beside the weights come along as they are;
/// config.json has the words of transformers 4 and 5. What is there already is never overwritten,
/// and a folder is written whole or not at all.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The model's folder; it is not changed.
    model: PathBuf,
    /// Where the converted model goes: a folder that is not there yet.
    out: PathBuf,
    /// The format of the weights; without it, the one that they have.
    #[arg(long, value_name = "FORMAT")]
    dtype: Option<Format>,
    /// The folder of an adapter (LoRA, as PEFT saves it) to merge into the weights.
    #[arg(long, value_name = "ADAPTER")]
    merge: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// 16 bits with the range of 32.
    Bf16,
    /// 16 bits by IEEE 754; a weight beyond 65504 is refused.
    F16,
    /// 32 bits.
    F32,
}

const EXAMPLES: &str = "\
Examples:
  autodidact convert ./my-model ./small --dtype bf16
  autodidact convert ./my-model ./merged --merge ./adapter";

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let format = arguments.dtype.map(|format| match format {
        Format::Bf16 => NumberFormat::Bf16,
        Format::F16 => NumberFormat::F16,
        Format::F32 => NumberFormat::F32,
    });
    let (model, out, merge) = (arguments.model.clone(), arguments.out.clone(), arguments.merge.clone());
    let done = Convert { model, out, format, merge }.run()?;
    if console.json {
        console.print_json(&done)?;
        return Ok(0);
    }
    let left_out = match done.left_out.is_empty() {
        true => String::new(),
        false => format!("left out: {}\n", done.left_out.join(", ")),
    };
    console.print(&format!("the model is in {}, as {}\n{left_out}", done.out.display(), done.dtype))?;
    Ok(0)
}
