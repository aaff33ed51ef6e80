//! `run`: begin a run and carry it to its end.

use std::path::{Path, PathBuf};

use clap::Args;
use faults::Outcome;
use recipe::Read;
use repeat::{Budget, Options, Recipe};
use store::Place;

use super::columns::Naming;
use super::device::Device;
use super::finish;
use super::progress::Progress;
use super::prompting::Asking;
use crate::console::Console;
use crate::fault::CliFault;
use crate::methods::{self, Method};
use crate::places::{self, RUNS};
use crate::stopping;

/// Make a model better with a published method.
///
/// Without `--model`, a small model is made and first trained on the world's language. Everything
/// is kept in a new folder below ./runs. Ctrl-C stops at a safe point, and `autodidact resume`
/// continues from there.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The method: a name from `autodidact list`, or a recipe file.
    pub(crate) recipe: String,
    /// A world of `autodidact list`, or a data file of tasks and answers: JSON lines (plain or
    /// gzip) or Parquet. By default the recipe's `on`.
    #[arg(long, value_name = "WORLD|FILE")]
    on: Option<String>,
    #[command(flatten)]
    naming: Naming,
    #[command(flatten)]
    asking: Asking,
    /// The base model: a folder as Hugging Face saves it, a GGUF file, or a name that `cargo xtask
    /// models` knows.
    #[arg(long, value_name = "DIR", value_parser = places::model())]
    model: Option<PathBuf>,
    /// The folder of an adapter (LoRA, as PEFT saves it), merged into that model before the run
    /// begins.
    #[arg(long, value_name = "DIR", requires = "model")]
    adapter: Option<PathBuf>,
    /// The folder of a sentence encoder (or `minilm`), whose embeddings of answers are compared
    /// where a method or a measure compares them. By default the model's own hidden states are.
    #[arg(long, value_name = "DIR", value_parser = places::model())]
    encoder: Option<PathBuf>,
    /// Maximum number of new tokens in an answer to a data file's task, in evaluation too. By
    /// default 512; a world has its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_tokens: Option<u32>,
    /// The device that computes.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// At most this many rounds: short for `--set repeat.rounds=N`.
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// Train an adapter of this rank (LoRA) instead of the weights, in every phase of the recipe;
    /// 16 if no RANK is given. Short for `--set learn.lora.rank=RANK`.
    #[arg(long, value_name = "RANK", num_args = 0..=1, default_missing_value = "16")]
    lora: Option<usize>,
    /// Grade the run's models by this checker instead of by right answers: a name such as `judge`,
    /// or a table with settings, `{ judge = { by = "digit" } }`. Short for `--set grade=[...]`. May
    /// be given several times.
    #[arg(long, value_name = "CHECKER")]
    grade: Vec<String>,
    /// Begin no round that would not fit into this much time or this many tokens (generated and
    /// trained): `10m`, `2h`, `1Mtok`, `10m,1Mtok`. By default there is no limit.
    #[arg(long, value_name = "BUDGET", value_parser = budget)]
    budget: Option<Budget>,
    /// Seed of every random draw: the same seed gives the same run.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The folder of the run, new or empty. By default a new one below ./runs.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A file of tasks that must never be trained on: plain lines, JSON lines, CSV or Parquet. May
    /// be given several times.
    #[arg(long, value_name = "FILE")]
    hold_out: Vec<PathBuf>,
    /// Run the programs of coding tasks even if this machine cannot confine them (no Landlock or
    /// seccomp).
    #[arg(long)]
    allow_weak_sandbox: bool,
    /// Change one setting of the recipe; `autodidact explain RECIPE` shows them all. May be given
    /// several times.
    #[arg(long = "set", value_name = "PATH.TO.KEY=VALUE")]
    settings: Vec<String>,
    /// Print one JSON object, about the whole run, when it ends.
    #[arg(long)]
    json: bool,
    /// Print progress as plain lines, on a terminal too.
    #[arg(long)]
    plain: bool,
}

const EXAMPLES: &str = "\
Examples:
  autodidact run expert-iteration --on game24
  autodidact run expert-iteration --on game24 --budget 10m --hold-out hard.txt
  autodidact run expert-iteration --on countdown --rounds 4 --set learn.optimizer.lr=3e-4
  autodidact run my-recipe.toml --on tasks.jsonl --model ./my-model --json";

/// A checker as TOML has it: a table as it was typed, a name in quotes.
fn checker(text: &str) -> String {
    if text.trim_start().starts_with('{') { text.to_owned() } else { format!("{text:?}") }
}

fn budget(text: &str) -> Result<Budget, String> {
    Budget::parse(text).ok_or_else(|| "it is no time and no number of tokens, such as `10m`, `2h` or `1Mtok`".into())
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let method = methods::find(&arguments.recipe)?;
    let Read { value: recipe, text: toml, renamed, keys } = method.with(&arguments.settings(&method)?)?;
    console.hint_at_names(&renamed, &keys);
    let options = arguments.options(&recipe, method.name)?;
    let place = arguments.out.as_deref().map_or(Place::Under(Path::new(RUNS)), Place::Exactly);
    let stop = stopping::on_request()?;
    let mut progress = Progress::new(console, arguments.plain);
    let ended = repeat::start(&recipe, &toml, &options, place, progress.bus(), &stop);
    finish::finish(progress, ended, arguments.out.as_deref(), console)
}

/// What makes the policy's learners train an adapter: the recipe's own, and those of its phases.
fn adapted(method: &Method, rank: usize) -> Outcome<Vec<String>> {
    let recipe = method.with(&[])?.value;
    let mut learners = recipe.learn.iter().chain(recipe.phase.iter().filter_map(|phase| phase.learn.as_ref()));
    if !learners.any(|part| part.may_adapt()) {
        let whole = recipe.learn.is_some() || recipe.models.values().any(|entry| entry.learn.is_some());
        return Err(CliFault::NoAdapter { method: method.name.clone(), whole }.into());
    }
    let of_phases = recipe.phase.iter().enumerate().filter(|(_, phase)| phase.learn.is_some());
    let of_phases = of_phases.map(|(place, _)| format!("phase.{place}.learn.lora.rank={rank}"));
    Ok([format!("learn.lora.rank={rank}")].into_iter().chain(of_phases).collect())
}

impl Arguments {
    /// Every override: `--grade` and `--lora` first, so that `--set` may change what they name, and
    /// `--rounds` as the last word on rounds.
    fn settings(&self, method: &Method) -> Outcome<Vec<String>> {
        let lora = self.lora.map(|rank| adapted(method, rank)).transpose()?.unwrap_or_default();
        let rounds = self.rounds.map(|rounds| format!("repeat.rounds={rounds}"));
        let graded = (!self.grade.is_empty()).then(|| self.grade.iter().map(|part| checker(part)).collect::<Vec<_>>());
        let graded = graded.map(|parts| format!("grade=[{}]", parts.join(", ")));
        let asked = self.asking.settings()?;
        let settings = graded.into_iter().chain(lora).chain(asked).chain(self.settings.iter().cloned()).chain(rounds);
        Ok(settings.collect())
    }

    fn options(&self, recipe: &Recipe, name: String) -> Outcome<Options> {
        Ok(Options {
            recipe: name,
            on: self.on.clone().unwrap_or_else(|| recipe.on.clone()),
            columns: self.naming.read()?,
            weak_sandbox: self.allow_weak_sandbox,
            model: self.model.clone(),
            adapter: self.adapter.clone(),
            encoder: self.encoder.clone(),
            max_tokens: self.max_tokens,
            device: self.device.kind(),
            seed: self.seed,
            budget: self.budget.unwrap_or_default(),
            hold_out: self.hold_out.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_is_refused_where_none_is_trained() {
        let said = |name: &str| adapted(&methods::find(name).expect("a method"), 8).expect_err("refused").to_string();
        assert_eq!(said("best-of-n"), "--lora: `best-of-n` trains nothing");
        for whole in ["reward-model", "process-reward-model", "pseudo-labels"] {
            assert_eq!(said(whole), format!("--lora: `{whole}` trains no language model"));
        }
    }

    #[test]
    fn an_adapter_is_asked_of_every_learner_of_the_policy() {
        let method = methods::find("self-correction").expect("a method");
        let settings = adapted(&method, 8).expect("settings");
        assert_eq!(settings, ["learn.lora.rank=8", "phase.0.learn.lora.rank=8"]);
        let recipe = method.with(&settings).expect("a recipe").value;
        let ranks = recipe.in_round(1).learn.into_iter().chain(recipe.in_round(99).learn);
        assert!(ranks.map(|part| part.lora().map_or(0, |lora| lora.rank)).all(|rank| rank == 8));
    }
}
