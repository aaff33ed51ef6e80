//! Straight-line programs modulo 11: one value, and what happens to it, step by step.
//!
//! ```text
//! x = 7 ; + 5 ; * 3 ; - 4 mod 11 :                              the program (with a hint: … mod 11 hint 10 :)
//! 7 + 5 = 1 ; 1 * 3 = 3 ; 3 - 4 = 10 ; answer 10                one step after another, the answer last
//! ```
//!
//! The oracle judges the final answer, as published methods do that filter on answers;
//! [`check_steps`] judges each step. A wrong step is confirmed by luck about once in eleven times,
//! so right answers carry real information. The tasks are 3,000 programs of three to six steps
//! whose every step is an even choice. The examples see the entries of the tables with a Zipf
//! distribution, so a model made from them knows some entries badly.

mod cues;
mod entries;
mod language;
mod program;
mod steps;

use std::collections::BTreeMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Key, Language, Oracle, Random, Split, Task, Turn, Unsettled, Verdict, Wording, World};

use crate::fault::WorldFault;
use crate::numbers::number;
use crate::record;
use crate::split::tasks_of;
use program::Program;
pub use steps::check_steps;

/// The world's name.
const NAME: &str = "chain";

/// Arithmetic is modulo this prime.
pub(crate) const MODULUS: i64 = 11;

/// How many tasks there are.
const TASKS: usize = 3_000;

/// The world.
pub(crate) fn world() -> Chain {
    let key = Key::root(0).of("chain");
    let mut tasks = BTreeMap::new();
    for index in 0.. {
        let mut random = key.at(index).random();
        let length = length(&mut random);
        let task = entries::even_program(&mut random, length).task();
        tasks.insert(task.id.clone(), task);
        if tasks.len() == TASKS {
            break;
        }
    }
    Chain { tasks: tasks.into_values().collect() }
}

/// Three to six steps.
fn length(random: &mut Random) -> usize {
    3 + random.below(4)
}

/// Straight-line programs as a world.
pub(crate) struct Chain {
    tasks: Vec<Task>,
}

impl World for Chain {
    fn name(&self) -> &str {
        NAME
    }

    fn tasks(&self, split: Split) -> Outcome<Vec<Task>> {
        Ok(tasks_of(split, &self.tasks))
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        let program = record::problem(line).and_then(|text| Program::read(&text));
        let program =
            program.map_err(|problem| WorldFault::bad_task(NAME, line, problem, "x = 7 ; + 5 ; * 3 ; - 4"))?;
        Ok(program.task())
    }

    fn answer(&self, _: &Task, response: &str) -> Option<String> {
        final_answer(response).map(|value| value.to_string())
    }

    /// How many steps it has.
    fn domain(&self, id: &str) -> Option<String> {
        Some(format!("{} steps", Program::read(id).ok()?.steps.len()))
    }

    fn step_ends(&self) -> Vec<String> {
        vec![";".into()]
    }

    /// Six steps of six words, `answer` and its number, and the end token.
    fn longest_answer(&self) -> u32 {
        39
    }

    fn wording(&self) -> &dyn Wording {
        self
    }

    fn language(&self) -> Option<&dyn Language> {
        Some(self)
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        Arc::new(ChainOracle)
    }
}

/// The number after `answer` at the very end.
fn final_answer(response: &str) -> Option<i64> {
    let words: Vec<&str> = response.split_whitespace().collect();
    match words[..] {
        [.., "answer", value] => number(value).filter(|value| *value < MODULUS),
        _ => None,
    }
}

/// Runs the programs.
struct ChainOracle;

impl Oracle for ChainOracle {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        match Program::read(&task.id) {
            Err(problem) => Verdict::Unsettled(Unsettled::CheckerFailed(problem)),
            Ok(program) => judge(&program, response),
        }
    }

    /// Whether every step so far is right, and the answer too, if it is given.
    fn promise(&self, task: &Task, partial: &str) -> Option<f64> {
        let program = Program::read(&task.id).ok()?;
        Some(f64::from(steps::are_right(&program, partial)))
    }

    /// The steps of the program that are left, and the answer.
    fn steps_to_go(&self, task: &Task, partial: &str) -> Option<u32> {
        let program = Program::read(&task.id).ok()?;
        Some(steps::to_go(&program, partial))
    }

    fn hinted(&self, task: &Task) -> Option<Vec<Turn>> {
        let program = Program::read(&task.id).ok()?;
        Some(program.prompt(Some(&program.result().to_string())))
    }

    fn guided(&self, task: &Task) -> Option<Vec<Turn>> {
        let program = Program::read(&task.id).ok()?;
        Some(program.prompt(Some(&cues::hint(&program)?)))
    }

    /// 1 for the right answer; else the share of right steps, among one more than there are.
    fn quality(&self, task: &Task, response: &str) -> Option<f64> {
        let program = Program::read(&task.id).ok()?;
        let right = steps::check(&program, response).iter().filter(|step| step.is_ok()).count();
        let whole = judge(&program, response).is_right() == Some(true);
        Some(if whole { 1.0 } else { right as f64 / (program.steps.len() + 1) as f64 })
    }
}

/// By the final answer; the reason names the first wrong step.
fn judge(program: &Program, response: &str) -> Verdict {
    let answer = final_answer(response);
    if answer == Some(program.result()) {
        return Verdict::Right;
    }
    let said =
        answer.map_or("gives no answer".to_owned(), |value| format!("answers {value}, not {}", program.result()));
    let verdicts = steps::check(program, response);
    let wrong = verdicts.iter().zip(1..).find_map(|(verdict, step)| Some((step, verdict.as_ref().err()?)));
    Verdict::Wrong(match wrong {
        Some((step, why)) => format!("{said}; step {step}: {why}"),
        None => said,
    })
}
