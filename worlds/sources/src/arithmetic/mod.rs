//! Adding numbers of one to five digits, digit by digit.
//!
//! ```text
//! 6 2 4 + 2 5 9 :                                                       (with a hint: 6 2 4 + 2 5 9 hint 8 8 3 :)
//! 4 + 9 + 0 = 1 3 ; 2 + 5 + 1 = 0 8 ; 6 + 2 + 0 = 0 8 ; answer 8 8 3
//! ```
//!
//! Each column, from the right: two digits and the carry that comes in, then the carry that goes
//! out and the digit of the sum. The oracle judges the final answer and not the scratchpad, as STaR
//! does. The tasks are all 55 sums of two digits and 700 of each greater length; examples are
//! mostly of short numbers, so that a model made from them has something left to teach itself.

mod addition;
mod language;

use std::collections::BTreeMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Key, Language, Oracle, Random, Split, Task, Turn, Unsettled, Verdict, Wording, World};

use crate::fault::WorldFault;
use crate::record;
use crate::split::tasks_of;
use addition::{Addition, DIGITS, spelled};

/// The world's name.
const NAME: &str = "arithmetic";

/// Tasks of each length above one digit.
const TASKS_PER_LENGTH: usize = 700;

/// The world.
pub(crate) fn world() -> Arithmetic {
    let single = (0..10).flat_map(|left| (0..=left).map(move |right| Addition { left, right }.task()));
    let longer = (2..=DIGITS).flat_map(tasks_of_length);
    let mut tasks: Vec<Task> = single.chain(longer).collect();
    tasks.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Arithmetic { tasks }
}

/// Different sums of two numbers of this many digits.
fn tasks_of_length(digits: usize) -> Vec<Task> {
    let key = Key::root(0).of(NAME).at(digits as u64);
    let mut tasks = BTreeMap::new();
    for index in 0.. {
        let task = addition(&mut key.at(index).random(), digits).task();
        tasks.insert(task.id.clone(), task);
        if tasks.len() == TASKS_PER_LENGTH {
            break;
        }
    }
    tasks.into_values().collect()
}

/// Two random numbers of this many digits.
fn addition(random: &mut Random, digits: usize) -> Addition {
    let lowest = if digits == 1 { 0 } else { 10usize.pow(digits as u32 - 1) };
    let span = 10usize.pow(digits as u32) - lowest;
    let mut number = || (lowest + random.below(span)) as u32;
    Addition { left: number(), right: number() }
}

/// Addition as a world.
pub(crate) struct Arithmetic {
    tasks: Vec<Task>,
}

impl World for Arithmetic {
    fn name(&self) -> &str {
        NAME
    }

    fn tasks(&self, split: Split) -> Outcome<Vec<Task>> {
        Ok(tasks_of(split, &self.tasks))
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        let addition = record::problem(line).and_then(|text| Addition::read(&text));
        Ok(addition.map_err(|problem| WorldFault::bad_task(NAME, line, problem, "624 + 259"))?.task())
    }

    fn answer(&self, _: &Task, response: &str) -> Option<String> {
        final_answer(response)
    }

    fn step_ends(&self) -> Vec<String> {
        vec![";".into()]
    }

    /// Five columns of nine words, `answer` and six digits, and the end token.
    fn longest_answer(&self) -> u32 {
        53
    }

    fn wording(&self) -> &dyn Wording {
        self
    }

    fn language(&self) -> Option<&dyn Language> {
        Some(self)
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        Arc::new(ArithmeticOracle)
    }
}

/// The digits after `answer` at the very end, as a number without leading zeros.
fn final_answer(response: &str) -> Option<String> {
    let (_, digits) = response.rsplit_once("answer")?;
    let digits: String = digits.split_whitespace().collect();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    })
}

/// Adds.
struct ArithmeticOracle;

impl Oracle for ArithmeticOracle {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        let addition = match Addition::read(&task.id) {
            Err(problem) => return Verdict::Unsettled(Unsettled::CheckerFailed(problem)),
            Ok(addition) => addition,
        };
        match final_answer(response) {
            Some(answer) if answer == addition.sum().to_string() => Verdict::Right,
            Some(answer) => Verdict::Wrong(format!("answers {answer}, not {}", addition.sum())),
            None => Verdict::Wrong(format!("gives no answer; it should end with `answer {}`", spelled(addition.sum()))),
        }
    }

    fn hinted(&self, task: &Task) -> Option<Vec<Turn>> {
        let addition = Addition::read(&task.id).ok()?;
        Some(addition.prompt(Some(addition.sum())))
    }
}
