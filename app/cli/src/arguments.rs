//! What can be typed. Each command's own arguments stand in its file.

use clap::{Parser, Subcommand};
use faults::Outcome;

use crate::commands::{
    bench, chat, compare, convert, doctor, evaluate, explain, generate, inspect, list, report, reproduce, resume, run,
    score, train, try_it, verify, watch, why,
};
use crate::console::{Console, exit_codes};
use crate::log::LogLevel;

/// A self-improvement engine for language models: a model, tasks, a way to tell good answers from
/// bad, and a published method that makes the model better from its own outputs.
#[derive(Debug, Parser)]
#[command(name = "autodidact", bin_name = "autodidact", version, max_term_width = 100, after_help = after_help(), disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Write a log to standard error: off, error, warn, info (stages committed), debug (stages
    /// reused or run again, and why; models loaded; calls of the policy) or trace.
    #[arg(long, global = true, value_enum, default_value_t = LogLevel::Off, value_name = "LEVEL", help_heading = "For developers", hide_possible_values = true)]
    pub(crate) log_level: LogLevel,
}

/// The commands, in the order a newcomer meets them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Arguments),
    Try(try_it::Arguments),
    Watch(watch::Arguments),
    Resume(resume::Arguments),
    Why(why::Arguments),
    Report(report::Arguments),
    Reproduce(reproduce::Arguments),
    Compare(compare::Arguments),
    Explain(explain::Arguments),
    List(list::Arguments),
    Evaluate(evaluate::Arguments),
    Chat(chat::Arguments),
    Generate(generate::Arguments),
    Score(score::Arguments),
    Train(train::Arguments),
    Inspect(inspect::Arguments),
    Convert(convert::Arguments),
    Verify(verify::Arguments),
    Doctor(doctor::Arguments),
    Bench(bench::Arguments),
}

impl Command {
    /// Does it. The exit status, unless it fails.
    pub(crate) fn carry_out(self, console: &Console) -> Outcome<u8> {
        match self {
            Command::Run(arguments) => run::run(&arguments, console),
            Command::Try(arguments) => try_it::run(&arguments, console),
            Command::Watch(arguments) => watch::run(&arguments, console),
            Command::Resume(arguments) => resume::run(&arguments, console),
            Command::Why(arguments) => why::run(&arguments, console),
            Command::Report(arguments) => report::run(&arguments, console),
            Command::Reproduce(arguments) => reproduce::run(&arguments, console),
            Command::Compare(arguments) => compare::run(&arguments, console),
            Command::Explain(arguments) => explain::run(&arguments, console),
            Command::List(arguments) => list::run(&arguments, console),
            Command::Evaluate(arguments) => evaluate::run(&arguments, console),
            Command::Chat(arguments) => chat::run(&arguments, console),
            Command::Generate(arguments) => generate::run(&arguments, console),
            Command::Verify(arguments) => verify::run(&arguments, console),
            Command::Score(arguments) => score::run(&arguments, console),
            Command::Train(arguments) => train::run(&arguments, console),
            Command::Inspect(arguments) => inspect::run(&arguments, console),
            Command::Convert(arguments) => convert::run(&arguments, console),
            Command::Doctor(arguments) => doctor::run(&arguments, console),
            Command::Bench(arguments) => bench::run(&arguments, console),
        }
    }
}

fn after_help() -> String {
    format!("{EXAMPLES}\n\nExit status:\n{}", exit_codes::table())
}

const EXAMPLES: &str = "\
Examples:
  autodidact run expert-iteration --on game24     teach a small model the Game of 24, from nothing
  autodidact try latest \"4 7 8 8\"                 let it answer
  autodidact explain expert-iteration             every part, default and source of the method
  autodidact list                                 methods and worlds

Where RUN stands, give a run folder, or `latest` for the newest in ./runs.
The words used here, and what the field calls them: docs/glossary.md.";
