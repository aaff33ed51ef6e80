//! `convert`: a model folder in another number format, or with an adapter merged into it; GGUF in
//! and out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use faults::Outcome;
use folder::{Convert, Kind};

use crate::console::Console;
use crate::places;

/// Write a model in another number format, with an adapter merged, or from or to GGUF.
///
/// The tokenizer, the chat template and every other file beside the weights come along as they are;
/// config.json has the words of transformers 4 and 5. What is there already is never overwritten,
/// and a folder is written whole or not at all.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The model's folder, or a GGUF file; it is not changed.
    #[arg(value_parser = places::model())]
    model: PathBuf,
    /// Where the converted model goes: a folder that is not there yet, or a file that ends in
    /// .gguf.
    out: PathBuf,
    /// The format of the weights; without it, the one that they have, or f32 if that is quantised.
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
    /// 8 bits and a scale for each 32 numbers; for GGUF files alone.
    #[value(name = "q8_0")]
    Q8_0,
}

const EXAMPLES: &str = "\
Examples:
  autodidact convert ./my-model ./small --dtype bf16
  autodidact convert ./my-model ./merged --merge ./adapter
  autodidact convert ./model.Q4_K_M.gguf ./my-model
  autodidact convert ./my-model ./my-model.gguf --dtype q8_0";

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let format = arguments.dtype.map(|format| match format {
        Format::Bf16 => Kind::Bf16,
        Format::F16 => Kind::F16,
        Format::F32 => Kind::F32,
        Format::Q8_0 => Kind::Q8_0,
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
