//! The language of the world: what a model made from nothing is shown.

use nouns::{Cue, Example, Key, Language, Random, Role, Turn, Vocabulary, Wording};

use super::desk::{shown, written_call};
use super::problem::{Op, Problem, spelled};
use super::{Calculator, drawn};

/// How often an example uses the calculator.
const CALLS: f64 = 0.25;

/// How often an example's prompt gives the value away: so a model made from nothing knows what a
/// hint is.
const HINTS: f64 = 0.1;

/// At most this many draws of problems that may not be used.
const TRIES: u64 = 1_000;

impl Language for Calculator {
    fn vocabulary(&self) -> Vocabulary {
        let digits = (0..10).map(|digit| digit.to_string());
        let words = ["+", "-", "*", "=", ":", "hint", "answer", "error"].map(str::to_owned);
        let of_calls: Vec<String> = written_call("").split_whitespace().map(str::to_owned).collect();
        let mut all: Vec<String> = Vec::new();
        for word in digits.chain(words).chain(of_calls) {
            if !all.contains(&word) {
                all.push(word);
            }
        }
        Vocabulary { words: all }
    }

    fn example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Example> {
        let (problem, mut random) = problem_for_example(key, held_out)?;
        let hint = (random.uniform() < HINTS).then(|| problem.value());
        Some(Example { prompt: problem.prompt(hint), response: format!("answer {}", spelled(problem.value())) })
    }

    fn episode_example(&self, key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<Vec<Turn>> {
        let key = key.of("episode");
        if key.random().uniform() >= CALLS {
            return None;
        }
        let (problem, _) = problem_for_example(&key, held_out)?;
        let turn = |role, text: String| Turn { role, ..Turn::user(text) };
        let mut turns = problem.prompt(None);
        turns.extend([
            turn(Role::Assistant, written_call(&problem.spelled())),
            turn(Role::Tool, shown(i128::from(problem.value()))),
            turn(Role::Assistant, format!("answer {}", spelled(problem.value()))),
        ]);
        Some(turns)
    }
}

impl Wording for Calculator {
    /// What stands before every answer.
    fn think_again(&self) -> &str {
        " :"
    }

    fn cue(&self, _: Cue) -> &str {
        self.think_again()
    }
}

/// A random problem that is not held out, and what is left of the randomness.
fn problem_for_example(key: &Key, held_out: &dyn Fn(&str) -> bool) -> Option<(Problem, Random)> {
    (0..TRIES).find_map(|index| {
        let mut random = key.at(index).random();
        let op = *random.pick(&Op::ALL)?;
        let problem = drawn(&mut random, op);
        (!held_out(&problem.id())).then_some((problem, random))
    })
}
