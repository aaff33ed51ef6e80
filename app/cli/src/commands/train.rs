//! `train`: one objective on a file of examples.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use faults::Outcome;
use nouns::{Progress, Tick};
use serde_json::json;
use sources::rows::Rows;
use trainer::{Checkpoints, Examples, Train, Trained, advantages, objective_as_said};

use super::columns::Naming;
use super::device::Device;
use crate::console::Console;
use crate::places;
use crate::stopping;

/// Train a model folder on a file of examples in TRL's formats, by one objective.
///
/// Texts are used as they are; lists of messages go through the model's chat template. The loss is
/// over answers and their end tokens alone. "weight" of a line is how much it counts. What else a
/// line needs is below, by objective.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The objective: sft, dpo, kto, orpo, simpo, cpo, reward, prm, grpo, rloo, ppo or distill; or
    /// a learner of `autodidact list --all` (imitate, prefer, value …); or a method, whose learner
    /// is taken.
    objective: String,
    /// The folder of the model to train, or a GGUF file; it is not changed.
    #[arg(long, value_name = "DIR", value_parser = places::model())]
    model: PathBuf,
    /// The examples: JSON lines (plain or gzip) or Parquet.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Mix in another file, subsampled or repeated so that its examples are this share of all:
    /// `more.jsonl=0.2`. May be given several times.
    #[arg(long, value_name = "FILE=SHARE", value_parser = share)]
    mix: Vec<(PathBuf, f64)>,
    #[command(flatten)]
    naming: Naming,
    /// The folder of an adapter of that model (LoRA, as PEFT saves it), which is trained further
    /// instead of the weights.
    #[arg(long, value_name = "DIR")]
    adapter: Option<PathBuf>,
    /// The folder of the reference model, for objectives that have one. By default the model as it
    /// is before the first step.
    #[arg(long, value_name = "DIR", value_parser = places::model())]
    reference: Option<PathBuf>,
    /// Train an adapter of this rank (LoRA) instead of the weights; 16 if no RANK is given. Short
    /// for `--set lora.rank=RANK`.
    #[arg(long, value_name = "RANK", num_args = 0..=1, default_missing_value = "16")]
    lora: Option<usize>,
    /// Change one setting of the learner, such as `optimizer.lr=1e-5` or `epochs=3`. May be given
    /// several times.
    #[arg(long = "set", value_name = "PATH.TO.KEY=VALUE")]
    settings: Vec<String>,
    /// Maximum number of optimizer steps. By default `epochs` decides.
    #[arg(long, value_name = "N")]
    steps: Option<u32>,
    /// A file of examples to evaluate on; they are not trained on.
    #[arg(long, value_name = "FILE")]
    eval: Option<PathBuf>,
    /// Hold back this share of the examples, from 0 to 1, to evaluate on.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, conflicts_with = "eval")]
    eval_share: f64,
    /// Evaluate every N steps; 0 evaluates before the first step and after the last.
    #[arg(long, value_name = "N", default_value_t = 0)]
    eval_every: u32,
    /// Save checkpoints in this folder. The same command, given again, continues from the last one
    /// and ends in the same bytes.
    #[arg(long, value_name = "DIR")]
    checkpoints: Option<PathBuf>,
    /// Save a checkpoint every N steps.
    #[arg(long, value_name = "N", default_value_t = 100)]
    save_every: u32,
    /// The device that computes.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// Seed of every random draw: the same seed gives the same result.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The folder to write the trained model to, or the adapter if one was trained; it must not
    /// exist yet. By default nothing is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Lines of the data, by objective:
  sft              {\"messages\": […]}, {\"prompt\", \"completion\"} or {\"text\"}
  dpo, orpo, …     {\"prompt\", \"chosen\", \"rejected\"}
  kto              {\"prompt\", \"completion\", \"label\"}
  grpo, rloo, ppo  {\"prompt\", \"completions\", \"rewards\"}
  reward           {\"chosen\", \"rejected\"}, perhaps \"prompt\", and \"margin\" or \"better\" (a list of
                   probabilities by criterion)
  prm              {\"prompt\", \"completions\", \"labels\"}: steps, each with its label
  value            the same, or {\"prompt\", \"completion\", \"value\"}: a number, or a list of them
  distill          as sft, perhaps with \"teacher_prompt\", which the teacher reads instead

Examples:
  autodidact train sft --model ./my-model --data chats.jsonl --set optimizer.lr=1e-5 --out ./taught
  autodidact train sft --model ./my-model --data chats.jsonl --lora 16 --out ./adapter
  autodidact train dpo --model ./my-model --data pairs.jsonl --set batch.size=8 --out ./preferring
  autodidact train reward --model ./my-model --data pairs.jsonl --out ./judge
  autodidact train grpo --model ./my-model --data scored.jsonl --out ./reinforced";

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let lora = arguments.lora.map(|rank| format!("lora.rank={rank}"));
    let steps = arguments.steps.map(|steps| format!("optimizer.max_steps={steps}"));
    let settings: Vec<String> = lora.into_iter().chain(arguments.settings.iter().cloned()).chain(steps).collect();
    let (part, renamed) = objective_as_said(&arguments.objective, &settings)?;
    console.hint_at_names(&renamed, &[]);
    let train = Train {
        part,
        advantages: advantages(&arguments.objective)?,
        model: arguments.model.clone(),
        adapter: arguments.adapter.clone(),
        reference: arguments.reference.clone(),
        device: arguments.device.kind(),
        seed: arguments.seed,
        out: arguments.out.clone(),
        held_share: arguments.eval_share,
        evaluate_every: arguments.eval_every,
        checkpoints: arguments
            .checkpoints
            .clone()
            .map(|folder| Checkpoints { folder, every: arguments.save_every.max(1) }),
    };
    let progress = Steps { console, stop: stopping::on_request()? };
    let naming = arguments.naming.read()?;
    let held = arguments.eval.as_ref().map(|file| Rows::open(file, &naming)).transpose()?;
    let other = |(file, share): &(PathBuf, f64)| Ok((Rows::open(file, &naming)?, *share));
    let others = arguments.mix.iter().map(other).collect::<Outcome<Vec<_>>>()?;
    let trained = train.run(Examples { rows: Rows::open(&arguments.data, &naming)?, others, held }, &progress)?;
    if console.message_look.in_place {
        console.tell("\r\x1b[K");
    }
    if console.json {
        let Trained { update, evaluations, held } = &trained;
        console.print_json(&json!({
            "lessons": update.lessons, "from": update.from, "to": update.to, "steps": update.steps, "out": &arguments.out,
            "held": held, "evaluations": evaluations,
        }))?;
    } else {
        console.print(&summary(&trained, arguments))?;
    }
    Ok(0)
}

/// `FILE=SHARE`.
fn share(text: &str) -> Result<(PathBuf, f64), String> {
    let (file, share) = text.rsplit_once('=').ok_or("a file and its share are needed, as in more.jsonl=0.2")?;
    Ok((file.into(), share.parse().map_err(|_| format!("`{share}` is no number"))?))
}

fn summary(Trained { update, evaluations, held }: &Trained, arguments: &Arguments) -> String {
    let (Some(first), Some(last)) = (update.steps.first(), update.steps.last()) else {
        return "there was nothing to learn from: no step was taken\n".into();
    };
    let row = |(name, value): (&String, &f64)| format!("  {name:24} {:>10.4} {value:>10.4}\n", first.metrics[name]);
    let known = last.metrics.iter().filter(|(name, _)| first.metrics.contains_key(*name));
    let head = format!("{} steps over {} lessons\n", update.steps.len(), update.lessons);
    let columns = format!("  {:24} {:>10} {:>10}\n", "", "first step", "last step");
    let loss = format!("  {:24} {:>10.4} {:>10.4}\n", "loss", first.loss, last.loss);
    let place = match &arguments.out {
        Some(out) => format!("the model is in {}\n", out.display()),
        None => "nothing was written: name a folder with --out\n".into(),
    };
    let evaluated = match (evaluations.first(), evaluations.last()) {
        (Some(first), Some(last)) => {
            format!("  {:24} {:>10.4} {:>10.4}\n", format!("loss on {held} held back"), first.loss, last.loss)
        }
        _ => String::new(),
    };
    head + &columns + &loss + &evaluated + &known.map(row).collect::<String>() + &place
}

/// How far the training is: a line that is redrawn on a terminal, now and then a line elsewhere.
struct Steps<'a> {
    console: &'a Console,
    stop: Arc<AtomicBool>,
}

impl Progress for Steps<'_> {
    fn tick(&self, tick: Tick) {
        let Some(loss) = tick.loss else { return };
        let (done, total) = (tick.done, tick.total);
        match self.console.message_look.in_place {
            true => self.console.tell(&format!("\r\x1b[Kstep {done} of {total}, loss {loss:.4}")),
            false if done == total || done.is_power_of_two() => {
                self.console.tell(&format!("step {done} of {total}, loss {loss:.4}\n"));
            }
            false => {}
        }
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
