//! Autodidact on the command line. Commands are thin: arguments, one call, what is printed.
//!
//! Parsing does no work ([`arguments`]), work does no parsing ([`commands`]), and one place prints
//! ([`console`]): progress and messages to standard error, results to standard output.

mod arguments;
mod commands;
mod console;
mod fault;
mod log;
mod methods;
mod places;
mod stopping;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Cli;
use crate::console::Console;

fn main() -> ExitCode {
    kernels::keep_freed_memory();
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    let console = Console::of_this_process(wants_json);
    let outcome = match Cli::try_parse() {
        Ok(cli) => {
            cli.log_level.begin();
            cli.command.carry_out(&console)
        }
        Err(said) => return ExitCode::from(console.usage(&said)),
    };
    for (former, today) in recipe::met_former_names() {
        console.tell(&format!("hint: `{former}` is called `{today}` now; it was read as that\n"));
    }
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(_) if console.is_closed() => ExitCode::SUCCESS, // whoever reads us has seen enough
        Err(failure) => ExitCode::from(console.failed(&failure)),
    }
}
