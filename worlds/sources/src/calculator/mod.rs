//! Sums, differences and products that are too long to be done in one's head, with a calculator at
//! hand.
//!
//! ```text
//! 6 2 4 * 2 5 9 :
//! <tool_call> {"name": "calculator", "arguments": {"expression": " 6 2 4 * 2 5 9 "}} </tool_call>
//!                                                                                                    = 1 6 1 6 1 6 :
//! answer 1 6 1 6 1 6
//! ```
//!
//! The environment ([`nouns::Environment`]) carries out the calls and answers with results; what is
//! said without a call is the answer, and ends the episode. In one example of its language in four
//! the calculator is used: so a model made from nothing knows how to call it, mostly answers out of
//! its head, and has something left to find out.

mod desk;
mod expression;
mod language;
mod problem;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Environment, Key, Language, Oracle, Random, Split, Task, Turn, Unsettled, Verdict, Wording, World};

use crate::fault::WorldFault;
use crate::record;
use crate::split::tasks_of;
use desk::Desk;
use problem::{Op, Problem, spelled};

/// The world's name.
const NAME: &str = "calculator";

/// Tasks of each kind.
const TASKS_PER_KIND: usize = 600;

/// The world.
pub(crate) fn world() -> Calculator {
    let mut tasks: Vec<Task> = Op::ALL.into_iter().flat_map(tasks_of_kind).collect();
    tasks.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Calculator { tasks }
}

/// Different problems of one kind.
fn tasks_of_kind(op: Op) -> Vec<Task> {
    let key = Key::root(0).of(NAME).of(&op.sign().to_string());
    let mut tasks = BTreeMap::new();
    for index in 0.. {
        let task = drawn(&mut key.at(index).random(), op).task();
        tasks.insert(task.id.clone(), task);
        if tasks.len() == TASKS_PER_KIND {
            break;
        }
    }
    tasks.into_values().collect()
}

/// A random problem: factors have three digits, other numbers four or five.
fn drawn(random: &mut Random, op: Op) -> Problem {
    let mut number = || {
        let digits = if op == Op::Multiply { 3 } else { 4 + random.below(2) as u32 };
        let lowest = 10usize.pow(digits - 1);
        (lowest + random.below(9 * lowest)) as u32
    };
    Problem::new(number(), op, number())
}

/// Problems with a calculator as a world.
pub(crate) struct Calculator {
    tasks: Vec<Task>,
}

impl World for Calculator {
    fn name(&self) -> &str {
        NAME
    }

    fn tasks(&self, split: Split) -> Outcome<Vec<Task>> {
        Ok(tasks_of(split, &self.tasks))
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        let problem = record::problem(line).and_then(|text| Problem::read(&text));
        Ok(problem.map_err(|why| WorldFault::bad_task(NAME, line, why, "624 * 259"))?.task())
    }

    fn answer(&self, _: &Task, response: &str) -> Option<String> {
        final_answer(response)
    }

    fn environment<'a>(&'a self, oracle: Option<&'a dyn Oracle>) -> Option<Box<dyn Environment + 'a>> {
        Some(Box::new(Desk { oracle, task: None }))
    }

    /// Two calls of twenty words each with their results, `answer` with eleven digits, and the end
    /// tokens.
    fn longest_answer(&self) -> u32 {
        80
    }

    fn wording(&self) -> &dyn Wording {
        self
    }

    fn language(&self) -> Option<&dyn Language> {
        Some(self)
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        Arc::new(CalculatorOracle)
    }
}

/// The number after the last `answer`, or else the last number: digits with blanks, commas or
/// nothing between them, without leading zeros.
fn final_answer(response: &str) -> Option<String> {
    let said = response.rsplit_once("answer").map_or(response, |(_, said)| said);
    let numbers = said.split(|letter: char| !(letter.is_ascii_digit() || letter == ' ' || letter == ','));
    let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
    let last = numbers.map(digits).rfind(|digits| !digits.is_empty())?;
    Some(match last.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    })
}

/// Computes.
struct CalculatorOracle;

impl Oracle for CalculatorOracle {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        let value = match Problem::read(&task.id) {
            Err(problem) => return Verdict::Unsettled(Unsettled::CheckerFailed(problem)),
            Ok(problem) => problem.value(),
        };
        // What calls the tool gives no answer, whatever numbers stand in the call.
        let called = !nouns::calls(response).is_empty();
        match final_answer(response).filter(|_| !called) {
            Some(answer) if answer == value.to_string() => Verdict::Right,
            Some(answer) => Verdict::Wrong(format!("answers {answer}, not {value}")),
            None => Verdict::Wrong(format!("gives no answer; it should end with `answer {}`", spelled(value))),
        }
    }

    fn hinted(&self, task: &Task) -> Option<Vec<Turn>> {
        let problem = Problem::read(&task.id).ok()?;
        Some(problem.prompt(Some(problem.value())))
    }
}
