//! `chat`: talk with a model.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use faults::{Code, Outcome};
use folder::{Chat, LoadedModel};
use nouns::{Progress, Tick};

use super::device::Device;
use super::draws::Draws;
use crate::console::Console;
use crate::fault::CliFault;
use crate::places;
use crate::stopping;

/// Chat with a model in the terminal; answers appear as they are generated.
///
/// /new begins a new conversation and /exit leaves. Ctrl-C ends an answer, or, between answers,
/// leaves.
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
    /// The system message.
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    #[command(flatten)]
    draws: Draws,
    /// Seed of every random draw: the same seed gives the same result.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

const EXAMPLES: &str = "\
Examples:
  autodidact chat ./my-model --system \"Answer in one sentence.\" --temperature 0.7
  echo \"What is 2 + 2?\" | autodidact chat ./my-model --greedy";

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let loaded = LoadedModel::open(&arguments.model, arguments.adapter.as_deref(), arguments.device.kind())?;
    let sampling = arguments.draws.over(loaded.defaults());
    let begin = || Chat::new(&loaded, sampling.clone(), arguments.seed, arguments.system.as_deref());
    let stop = StopFlag(stopping::on_request()?);
    let mut chat = begin();
    loop {
        if console.is_conversation() {
            console.tell("> ");
        }
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map_err(|source| CliFault::Input { source })?;
        match line.trim() {
            _ if read == 0 || stop.0.load(Ordering::Relaxed) => return Ok(0),
            "/exit" => return Ok(0),
            "/new" => chat = begin(),
            "" => {}
            said => {
                // A reader that has gone is noticed by the print after the answer.
                let answered = chat.say(said, &|piece| drop(console.print(piece)), &stop);
                match answered {
                    Err(failure) if failure.code() != Code::Interrupted => return Err(failure),
                    _ => stop.0.store(false, Ordering::Relaxed),
                }
                console.print("\n")?;
            }
        }
    }
}

/// The stop flag.
struct StopFlag(Arc<AtomicBool>);

impl Progress for StopFlag {
    fn tick(&self, _: Tick) {}

    fn stopping(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
