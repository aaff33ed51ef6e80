//! `evaluate`: models on tasks, side by side.

mod kept;
mod shown;

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use evaluate::{Among, By, Evaluated, Evaluation};
use faults::Outcome;
use folder::LoadedModel;
use nouns::{Generate, Sampling, Split};
use repeat::DeviceKind;
use serde_json::json;
use sources::{Options, Prompting, Strength};
use store::Disk;

use super::columns::Naming;
use super::device::Device;
use super::prompting::Asking;
use super::stage::Meter;
use crate::console::Console;
use crate::places;
use crate::stopping;
use kept::Kept;

/// Evaluate models on tasks: accuracy, pass@k and majority votes, with intervals; none is trained.
///
/// One greedy answer to a task by default; --samples and --temperature draw. Several models are
/// compared with the first one on the same items. An answer that cannot be judged is not wrong: it
/// is counted apart. With --among nothing is drawn: the likeliest of the options is taken, by its
/// log-probability and by that divided by its letters (acc and acc_norm of lm-evaluation-harness).
/// All questions of a file are asked, and the test part of a world.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The models: folders, GGUF files, or names that `cargo xtask models` knows; the others are
    /// compared with the first.
    #[arg(required = true, value_name = "MODEL", value_parser = places::model())]
    models: Vec<PathBuf>,
    /// A data file of questions with answers, or a world; may be given several times.
    #[arg(long, required = true, value_name = "FILE|WORLD")]
    on: Vec<String>,
    #[command(flatten)]
    naming: Naming,
    #[command(flatten)]
    asking: Asking,
    /// Answers to draw for each task.
    #[arg(long, visible_alias = "n", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: u32,
    /// Softmax temperature; 0 is greedy. By default 0 for one answer and 1 for several.
    #[arg(long, value_name = "T", value_parser = super::draws::not_negative)]
    temperature: Option<f32>,
    /// Sample from the likeliest tokens that together reach the probability P (nucleus).
    #[arg(long, value_name = "P", default_value_t = 1.0, value_parser = super::draws::share)]
    top_p: f32,
    /// Maximum number of new tokens; by default the world's bound, 512 for a file.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_tokens: Option<u32>,
    /// End an answer before this; may be given several times. By default an empty line where
    /// everything is one text.
    #[arg(long, value_name = "TEXT")]
    stop: Vec<String>,
    /// Answer with the likeliest of these: `texts` or `letters` of the options that a task names
    /// (a classification's labels are texts), or the answers themselves: `--among yes --among no`.
    #[arg(long, value_name = "texts|letters|TEXT", conflicts_with_all = ["samples", "temperature", "top_p", "max_tokens", "stop"])]
    among: Vec<String>,
    /// The part that is asked; by default all of a file, and the test part of a world.
    #[arg(long, value_enum)]
    split: Option<SplitArgument>,
    /// At most this many tasks, the first ones.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Seed of every random draw: the same seed gives the same result.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The device that computes.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// A folder for the answers (JSON lines, a file for each model and task set) and the figures.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run the programs of coding tasks even if this machine cannot confine them (no Landlock or
    /// seccomp).
    #[arg(long)]
    allow_weak_sandbox: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// A part of a task set.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SplitArgument {
    /// What may be trained on.
    Train,
    /// What decides gates.
    Valid,
    /// What is reported.
    Test,
    /// Everything there is in a file.
    All,
}

const EXAMPLES: &str = "\
Examples:
  autodidact evaluate ./my-model --on gsm8k.jsonl --few-shot train.jsonl:4 --limit 200
  autodidact evaluate ./before ./after --on questions.jsonl --samples 8 --temperature 0.7 --out answers
  autodidact evaluate ./my-model --on commonsenseqa.jsonl --among letters --as-text";

/// A model on a task set.
pub(crate) struct Side {
    model: PathBuf,
    digest: String,
    on: String,
    /// What was recognised in the file.
    recognised: Option<String>,
    evaluated: Evaluated,
    seconds: f64,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let prompting = arguments.asking.read()?;
    let mut kept = arguments.out.as_deref().map(Kept::in_folder).transpose()?;
    let mut sides = Vec::new();
    for model in &arguments.models {
        let (loaded, prompting) = arguments.open(model, &prompting, console)?;
        for on in &arguments.on {
            sides.push(arguments.side(model, &loaded, on, &prompting, &mut kept, console)?);
        }
    }
    let figures = shown::as_json(&sides, &arguments.settings());
    if let Some(folder) = &arguments.out {
        Disk::real().write_json(&folder.join("figures.json"), &figures)?;
    }
    match console.json {
        true => console.print_json(&figures)?,
        false => console.print(&shown::shown(&sides, &arguments.on, console))?,
    }
    Ok(0)
}

impl Arguments {
    /// The model, as a chat or as one that continues a text, and how it is asked then.
    fn open(
        &self,
        model: &std::path::Path,
        prompting: &Prompting,
        console: &Console,
    ) -> Outcome<(LoadedModel, Prompting)> {
        let kind: DeviceKind = self.device.kind();
        if prompting.as_text {
            return Ok((LoadedModel::open_without_chat(model, None, kind)?, prompting.clone()));
        }
        let loaded = LoadedModel::open(model, None, kind)?;
        let as_text = loaded.policy().tokens().chat().is_none() && prompting.few_shot.is_some();
        if as_text {
            console.tell(&format!("{} has no chat template: questions are put as one text\n", model.display()));
        }
        Ok((loaded, Prompting { as_text, ..prompting.clone() }))
    }

    fn side(
        &self,
        model: &std::path::Path,
        loaded: &LoadedModel,
        on: &str,
        prompting: &Prompting,
        kept: &mut Option<Kept>,
        console: &Console,
    ) -> Outcome<Side> {
        let sandbox = if self.allow_weak_sandbox { Strength::Whatever } else { Strength::Needed };
        let options = Options {
            columns: self.naming.read()?,
            sandbox,
            longest_answer: self.max_tokens,
            unsplit: matches!(self.split, None | Some(SplitArgument::All)),
            prompting: prompting.clone(),
        };
        let world = sources::find(on, &options)?;
        let evaluation = self.evaluation(prompting.as_text);
        let tasks = evaluation.tasks(world.as_ref())?;
        let meter = Meter::new(console, stopping::on_request()?, tasks.len(), 0);
        let file = kept.as_mut().map(|kept| kept.file(model, on)).transpose()?;
        let began = Instant::now();
        let evaluated = evaluation.of(loaded, &world, &tasks, &meter, &mut |done, answered| {
            meter.lines_done(done);
            file.as_ref().map_or(Ok(()), |file| kept::write(file, answered))
        })?;
        meter.end("answered", None);
        Ok(Side {
            model: model.to_owned(),
            digest: loaded.policy().digest().to_string(),
            on: on.to_owned(),
            recognised: world.recognised(),
            evaluated,
            seconds: began.elapsed().as_secs_f64(),
        })
    }

    fn evaluation(&self, as_text: bool) -> Evaluation {
        let by = match &self.among[..] {
            [] => By::Drawing { sampling: self.sampling(as_text), max_tokens: self.max_tokens, samples: self.samples },
            words => By::Likelihood(Among::from(words)),
        };
        let split = match self.split {
            Some(SplitArgument::Train) => Split::Train,
            Some(SplitArgument::Valid) => Split::Valid,
            Some(SplitArgument::Test | SplitArgument::All) | None => Split::Test,
        };
        Evaluation { by, split, limit: self.limit, seed: self.seed }
    }

    fn sampling(&self, as_text: bool) -> Sampling {
        let temperature = self.temperature.unwrap_or(if self.samples > 1 { 1.0 } else { 0.0 });
        let stop = match self.stop.is_empty() && as_text {
            true => vec!["\n\n".to_owned()],
            false => self.stop.clone(),
        };
        Sampling { temperature, top_p: self.top_p, stop, ..Sampling::default() }
    }

    /// What decides the figures beside models and tasks.
    fn settings(&self) -> serde_json::Value {
        json!({
            "samples": self.samples, "temperature": self.sampling(false).temperature, "top_p": self.top_p,
            "max_tokens": self.max_tokens, "stop": self.stop, "among": self.among, "limit": self.limit,
            "seed": self.seed, "system": self.asking.system, "few_shot": self.asking.few_shot.as_ref().map(ToString::to_string),
            "template": self.asking.template,
            "extract": self.asking.extract.as_ref().or(self.asking.extract_first.as_ref()),
            "as_text": self.asking.as_text,
        })
    }
}
