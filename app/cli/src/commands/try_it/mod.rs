//! `try`: let a run's model answer.

mod shown;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use faults::{Failure, Outcome};
use nouns::Silent;
use repeat::{Answer, Answerer, Recipe};
use serde_json::{Value, json};

use crate::console::Console;
use crate::fault::CliFault;
use crate::{methods, places};

/// Let a run's model answer puzzles, and check its answers.
///
/// Of several samples the one that the model finds likeliest is the answer. It is checked only
/// afterwards: the check does not choose.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The run folder, or `latest`.
    run: PathBuf,
    /// Puzzles of the run's world, such as "4 7 8 8". Without any they are read from standard
    /// input, one per line.
    puzzles: Vec<String>,
    /// Answers to draw for each puzzle; with one, the greedy answer is given.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: u32,
    /// Softmax temperature, if there are several samples.
    #[arg(long, value_name = "T", default_value_t = 1.0, value_parser = temperature)]
    temperature: f32,
    /// Answer as this method's `attempt` does instead, by a search or a vote: a name from
    /// `autodidact list`, or a recipe file.
    #[arg(long, value_name = "METHOD", conflicts_with_all = ["samples", "temperature"])]
    search: Option<String>,
    /// Change one setting of that method. May be given several times.
    #[arg(long = "set", value_name = "PATH.TO.KEY=VALUE", requires = "search")]
    settings: Vec<String>,
    /// A file of puzzles, one per line, plain or JSON.
    #[arg(long, value_name = "FILE", conflicts_with = "puzzles")]
    from: Option<PathBuf>,
    /// Print one JSON object per puzzle, one per line.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  autodidact try latest                               asks for puzzles
  autodidact try latest \"4 7 8 8\" --samples 100
  autodidact try latest --from hard.txt --samples 100 --json
  autodidact try latest \"4 7 8 8\" --search METHOD --set attempt.tree.keep=3";

/// Sequences in one call of the model: enough to keep it busy, few enough to see progress.
const BATCH: usize = 4096;

/// Puzzles that are searched together.
const SEARCHES: usize = 256;

fn temperature(text: &str) -> Result<f32, String> {
    let number: f32 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err("it must be 0 or more".into()) }
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let answerer = Answerer::open(&places::run(&arguments.run)?)?;
    if arguments.puzzles.is_empty() && arguments.from.is_none() && console.is_conversation() {
        let asker = Asker { answerer: &answerer, arguments, method: arguments.method(console)? };
        return converse(&asker, console);
    }
    let puzzles = arguments.all_puzzles()?;
    let asker = Asker { answerer: &answerer, arguments, method: arguments.method(console)? };
    let per_call = if asker.method.is_some() { SEARCHES } else { (BATCH / arguments.samples as usize).max(1) };
    let mut failed = 0;
    for puzzles in puzzles.chunks(per_call) {
        for (puzzle, answer) in asker.answers(puzzles) {
            failed += usize::from(answer.is_err());
            print(&puzzle, answer, console)?;
        }
    }
    match failed {
        0 => Ok(0),
        _ => Err(CliFault::Puzzles { failed, puzzles: puzzles.len() }.into()),
    }
}

impl Arguments {
    fn all_puzzles(&self) -> Outcome<Vec<String>> {
        let text = match &self.from {
            _ if !self.puzzles.is_empty() => return Ok(self.puzzles.clone()),
            Some(path) => store::read_text(path)?,
            None if io::stdin().is_terminal() => String::new(),
            None => io::read_to_string(io::stdin()).map_err(|source| CliFault::Input { source })?,
        };
        let puzzles: Vec<String> =
            text.lines().map(str::trim).filter(|line| is_puzzle(line)).map(str::to_owned).collect();
        if puzzles.is_empty() { Err(CliFault::NoPuzzle.into()) } else { Ok(puzzles) }
    }

    /// The recipe that answers, if one was named.
    fn method(&self, console: &Console) -> Outcome<Option<Recipe>> {
        let named = self.search.as_deref().map(methods::find).transpose()?;
        Ok(named.map(|method| method.with(&self.settings)).transpose()?.map(|read| {
            console.hint_at_names(&read.renamed, &read.keys);
            read.value
        }))
    }
}

/// The policy that answers puzzles, and its settings.
struct Asker<'a> {
    answerer: &'a Answerer,
    arguments: &'a Arguments,
    method: Option<Recipe>,
}

impl Asker<'_> {
    /// An answer to each, in one call; if one of them cannot be read, each in a call of its own, so
    /// that it is the only one to fail.
    fn answers(&self, puzzles: &[String]) -> Vec<(String, Outcome<Answer>)> {
        if let Ok(answers) = self.ask(puzzles) {
            return puzzles.iter().cloned().zip(answers.into_iter().map(Ok)).collect();
        }
        puzzles.iter().map(|puzzle| (puzzle.clone(), self.answer(puzzle))).collect()
    }

    fn answer(&self, puzzle: &str) -> Outcome<Answer> {
        let answers = self.ask(std::slice::from_ref(&puzzle.to_owned()))?;
        Ok(answers.into_iter().next().ok_or(CliFault::NoPuzzle)?)
    }

    fn ask(&self, puzzles: &[String]) -> Outcome<Vec<Answer>> {
        match &self.method {
            Some(recipe) => self.answerer.answer_by(recipe, puzzles, &Silent),
            None => self.answerer.answer(puzzles, self.arguments.samples, self.arguments.temperature),
        }
    }
}

/// The same lines of a file that `--hold-out` would take: comments and blank lines are none.
fn is_puzzle(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("# ")
}

fn print(puzzle: &str, answer: Outcome<Answer>, console: &Console) -> Outcome<()> {
    match answer {
        Ok(answer) if console.json => console.print_json(&answer),
        Ok(answer) => Ok(console.print(&shown::answer(&answer, console.style()))?),
        Err(failure) if console.json => console.print_json(&unanswered(puzzle, &failure)),
        Err(failure) => {
            console.failed(&failure);
            Ok(())
        }
    }
}

fn unanswered(puzzle: &str, failure: &Failure) -> Value {
    let error = crate::console::as_json(failure)["error"].take();
    json!({ "task": puzzle, "attempt": null, "expression": null, "correct": null, "error": error })
}

/// Asks for puzzles until there are no more.
fn converse(asker: &Asker, console: &Console) -> Outcome<u8> {
    let name = run_name(&asker.arguments.run);
    console.tell(&format!("{name} answers. Type a puzzle; an empty line or Ctrl-D ends.\n"));
    loop {
        console.tell("> ");
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map_err(|source| CliFault::Input { source })?;
        if read == 0 || line.trim().is_empty() {
            _ = io::stderr().flush();
            return Ok(0);
        }
        print(line.trim(), asker.answer(line.trim()), console)?;
    }
}

fn run_name(typed: &Path) -> String {
    places::run(typed).map_or_else(|_| typed.display().to_string(), |run| places::name(&run))
}
